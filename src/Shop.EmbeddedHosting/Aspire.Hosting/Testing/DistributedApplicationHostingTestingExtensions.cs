using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Testing;

/// <summary>How a test reaches the resources.</summary>
public static class DistributedApplicationHostingTestingExtensions
{
    /// <summary>A client whose base address is the resource's endpoint (by default its only one, or <c>http</c>).</summary>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null) =>
        new() { BaseAddress = app.GetEndpoint(resourceName, endpointName) };

    /// <summary>The address of an endpoint.</summary>
    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        if (app.ResourceNotifications.Of(resourceName).Resource is not IResourceWithEndpoints resource)
            throw new ArgumentException($"The resource '{resourceName}' has no endpoints.", nameof(resourceName));

        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        var name = endpointName ?? (endpoints is [var only] ? only.Name : "http");
        return new Uri(new EndpointReference(resource, name).Url);
    }

    /// <summary>The connection string of a server or database.</summary>
    public static ValueTask<string?> GetConnectionStringAsync(this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        app.ResourceNotifications.Of(resourceName).Resource is IResourceWithConnectionString resource
            ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"The resource '{resourceName}' has no connection string.", nameof(resourceName));
}
