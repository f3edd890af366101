using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults;

/// <summary>What every service of the shop gets.</summary>
public static class DefaultsExtensions
{
    /// <summary>Telemetry, health checks, service discovery, resilient HTTP clients, Redis, and a shutdown that has time to finish.</summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddTelemetry();
        builder.Services.AddHealthChecks().AddCheck("self", static () => HealthCheckResult.Healthy(), ["live"]);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(static http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        builder.AddRedis();

        // A consumer finishes the entries it holds, and a group commit its batch, before the process ends.
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        return builder;
    }

    /// <summary>The prefix of every Redis key of the shop: <c>Shop:KeyPrefix</c>, by default <c>shop:</c>.</summary>
    public static string KeyPrefix(this IConfiguration configuration) => configuration["Shop:KeyPrefix"] ?? "shop:";

    /// <summary><c>/alive</c>: the process answers. <c>/health</c>: it can work; without Redis it still can, and says Degraded.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks("/health").DisableHttpMetrics().DisableRateLimiting();
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("live") }).DisableHttpMetrics().DisableRateLimiting();
        return app;
    }
}
