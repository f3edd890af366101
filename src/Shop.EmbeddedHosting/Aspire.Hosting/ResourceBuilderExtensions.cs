using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What the model says about any kind of resource.</summary>
public static class ResourceBuilderExtensions
{
    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value) where T : IResourceWithEnvironment =>
        builder.WithVariables((variables, _) => { variables[name] = value ?? ""; return ValueTask.CompletedTask; });

    /// <summary>Sets an environment variable to a parameter's value.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter) where T : IResourceWithEnvironment =>
        builder.WithVariables(async (variables, cancellationToken) => variables[name] = await parameter.Resource.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "");

    /// <summary>Sets an environment variable to the address of an endpoint.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference) where T : IResourceWithEnvironment =>
        builder.WithVariables((variables, _) => { variables[name] = endpointReference.Url; return ValueTask.CompletedTask; });

    /// <summary>Appends command-line arguments.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args) where T : IResourceWithArgs =>
        builder.With(new ArgumentsAnnotation(args));

    /// <summary>Hands over how to connect to <paramref name="source"/>: <c>ConnectionStrings__name</c>, and its parts as <c>NAME_HOST</c> and so on.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.With(new ReferenceAnnotation(resource)).WithVariables(async (variables, cancellationToken) =>
        {
            if (await resource.GetConnectionStringAsync(cancellationToken).ConfigureAwait(false) is not { } connectionString)
            {
                if (!optional && resource is not IUsersOwnResource)
                    throw new DistributedApplicationException($"The connection string of '{resource.Name}', which '{builder.Resource.Name}' refers to, is not known.");
                return;
            }

            variables[$"ConnectionStrings__{name}"] = connectionString;
            foreach (var (property, value) in resource.GetConnectionProperties())
                variables[$"{VariableName(name)}_{property}"] = value;
        });
    }

    /// <summary>Hands over the addresses of <paramref name="source"/>: <c>services__web__http__0</c> and <c>WEB_HTTP</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        return builder.With(new ReferenceAnnotation(resource)).WithVariables((variables, _) =>
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                var url = new EndpointReference(resource, endpoint.Name).Url;
                variables[$"services__{resource.Name}__{endpoint.Name}__0"] = url;
                variables[$"{VariableName(resource.Name)}_{VariableName(endpoint.Name)}"] = url;
            }

            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Starts this resource when <paramref name="dependency"/> is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency) where T : IResourceWithWaitSupport =>
        builder.With(new WaitAnnotation(dependency.Resource));

    /// <summary>Starts this resource when <paramref name="dependency"/> has ended with <paramref name="exitCode"/>.</summary>
    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0) where T : IResourceWithWaitSupport =>
        builder.With(new WaitAnnotation(dependency.Resource, exitCode));

    /// <summary>The resource is healthy when <paramref name="path"/> answers with <paramref name="statusCode"/>.</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null) where T : IResourceWithEndpoints =>
        builder.WithOnly(new HttpHealthAnnotation(path ?? "/", statusCode ?? 200, endpointName));

    /// <summary>Adds an HTTP endpoint.</summary>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool? isProxied = null) where T : IResourceWithEndpoints
    {
        var endpoint = new EndpointAnnotation(name ?? "http", "http", port, targetPort, env, isProxied ?? true);
        if (builder.Resource.Annotations.OfType<EndpointAnnotation>().Any(other => other.Name == endpoint.Name))
            throw new DistributedApplicationException($"Endpoint with name '{endpoint.Name}' already exists on '{builder.Resource.Name}'. Give the other one a name.");
        return builder.With(endpoint);
    }

    /// <summary>The endpoints are for the world outside the model: they keep the port that they ask for.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints =>
        builder.WithOnly(new ExternalEndpointsAnnotation());

    /// <summary>An endpoint of the resource, for use in <c>WithEnvironment</c>.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name) where T : IResourceWithEndpoints =>
        new(builder.Resource, name);

    internal static IResourceBuilder<T> WithVariables<T>(this IResourceBuilder<T> builder, Func<IDictionary<string, string>, CancellationToken, ValueTask> apply) where T : IResourceWithEnvironment =>
        builder.With(new EnvironmentAnnotation(apply));

    private static string VariableName(string name) => name.Replace('-', '_').ToUpperInvariant();
}
