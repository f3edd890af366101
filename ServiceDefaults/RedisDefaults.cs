using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ServiceDefaults;

/// <summary>One multiplexer per process, for the building blocks and, under the key <c>redis</c>, for Orleans.</summary>
internal static class RedisDefaults
{
    public const string ConnectionName = "redis";

    public static void AddRedis(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            var options = ConfigurationOptions.Parse(RequiredConnectionString(builder.Configuration, ConnectionName));
            options.ClientName = builder.Environment.ApplicationName;
            options.LoggerFactory = services.GetRequiredService<ILoggerFactory>();
            // A service starts, and goes on, without Redis; it reconnects within half a second of its return,
            // and until then a command fails at once instead of keeping its caller waiting.
            options.AbortOnConnectFail = false;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.AsyncTimeout = 2_000;
            options.AllowAdmin = true; // INFO, whose run_id tells that another Redis answers than before
            options.ReconnectRetryPolicy = new LinearRetry(500);
            options.ConnectTimeout = 2_000;
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
            return ConnectionMultiplexer.Connect(options);
        });
        builder.Services.AddKeyedSingleton(ConnectionName, static (services, _) => services.GetRequiredService<IConnectionMultiplexer>());
        builder.Services.AddHealthChecks().AddRedis(
            static services => services.GetRequiredService<IConnectionMultiplexer>(),
            name: ConnectionName,
            failureStatus: HealthStatus.Degraded, // orders are accepted while Redis is away
            timeout: TimeSpan.FromSeconds(1));
    }

    public static string RequiredConnectionString(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name)
        ?? throw new InvalidOperationException(
            $"The connection string '{name}' is missing. Start the service through the AppHost (dotnet run --project AppHost), or set ConnectionStrings__{name}.");
}
