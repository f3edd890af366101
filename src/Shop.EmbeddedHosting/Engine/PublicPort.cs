using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Shop.EmbeddedHosting.Servers;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>Chooses the addresses that the world sees. A port that was asked for and is taken is an error that says how to ask for another.</summary>
internal static class PublicPort
{
    public static void AllocateAll(IResource resource, IReadOnlyList<EndpointAnnotation> endpoints, EngineSettings settings)
    {
        var external = resource.Annotations.OfType<ExternalEndpointsAnnotation>().Any();
        for (var i = 0; i < endpoints.Count; i++)
        {
            var endpoint = endpoints[i];
            var asked = settings.Testing ? null
                : i == 0 && settings.PortOf(resource.Name) is { } chosen ? chosen
                : external || !endpoint.FromLaunchProfile ? endpoint.Port
                : null;
            endpoint.AllocatedPort = asked is { } port ? Require(resource.Name, port) : FreePort.Next();
        }
    }

    public static int Require(string resource, int port)
    {
        if (FreePort.IsFree(port))
            return port;

        var (option, variable) = EngineSettings.PortOptions(resource);
        throw new DistributedApplicationException(
            $"Port {port}, which '{resource}' is to answer on, is taken{PortHolder.Describe(port)}. Free it, or choose another: --{option} <port> on the command line (dotnet run --project AppHost -- --{option} {port + 1}), or {variable} in the environment.");
    }
}
