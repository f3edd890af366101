using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address of a resource, for use before it is known.</summary>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName)
{
    /// <summary>The resource that listens.</summary>
    public IResource Resource => owner;

    /// <summary>The endpoint's name.</summary>
    public string EndpointName => endpointName;

    /// <summary>Whether the engine has chosen the port.</summary>
    public bool IsAllocated => Annotation.AllocatedPort is not null;

    /// <summary>The public port of this run.</summary>
    public int Port => Annotation.AllocatedPort ?? throw new InvalidOperationException($"The endpoint '{endpointName}' of '{owner.Name}' has no address yet: the application has not started.");

    /// <summary>The host, always this machine.</summary>
    public string Host => "localhost";

    /// <summary>The address, for example <c>http://localhost:8080</c>.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"{Annotation.Scheme}://{Host}:{Port}");

    internal EndpointAnnotation Annotation =>
        owner.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(endpoint => endpoint.Name == endpointName)
        ?? throw new InvalidOperationException($"The resource '{owner.Name}' has no endpoint '{endpointName}'.");
}
