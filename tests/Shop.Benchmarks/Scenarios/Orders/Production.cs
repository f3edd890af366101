using Aspire.Hosting.ApplicationModel;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>Services as they run in production, where the embedded engine would spare the machine of a developer.</summary>
internal static class Production
{
    /// <summary>Not Development's exception pages and demo accounts, and the runtime's own ways to collect garbage and to optimise.</summary>
    public static IResourceBuilder<ProjectResource> InProduction(this IResourceBuilder<ProjectResource> service) => service
        .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Production")
        .WithEnvironment("DOTNET_gcServer", "1")
        .WithEnvironment("DOTNET_TieredPGO", "1")
        .WithEnvironment("DOTNET_TC_CallCountingDelayMs", "64"); // hexadecimal: 100 ms

    /// <summary>Limits that no load reaches; a sliding window remembers at most 100,000.</summary>
    public static IResourceBuilder<ProjectResource> WithRoomyLimits(this IResourceBuilder<ProjectResource> web) => web
        .WithEnvironment("Shop__Web__Limits__Requests__Permits", "100000")
        .WithEnvironment("Shop__Web__Limits__SignInPerAddress__Permits", "100000")
        .WithEnvironment("Shop__Web__Limits__PlaceOrder__Capacity", "1000000");
}
