using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Shop.Archiving.Auditing;
using Shop.Messaging;
using StackExchange.Redis;

namespace Shop.Archiving;

/// <summary>Puts the Kafka archive into a service.</summary>
public static class KafkaArchiveServices
{
    /// <summary>
    /// Archives the streams that this service's outbox writes in Kafka, and audits the archive, when there is a connection string;
    /// otherwise does nothing, and says so in one line of the log. The service has <c>AddOutbox</c>, an <see cref="NpgsqlDataSource"/>
    /// with the schemas of this assembly and of Shop.Messaging, and an <see cref="IConnectionMultiplexer"/>. When it is on,
    /// <see cref="ArchiveAudit"/> is there for operators.
    /// </summary>
    /// <param name="services">The service's registrations.</param>
    /// <param name="connectionString">The brokers, for example <c>localhost:9092</c>, and after semicolons settings of librdkafka (<c>;security.protocol=SASL_SSL;…</c>). Null or empty: off.</param>
    /// <param name="configure">Names the streams.</param>
    /// <exception cref="ArgumentException">An option or the connection string is wrong; the message names the value.</exception>
    /// <exception cref="InvalidOperationException">It was called before: one archive has all streams of a service.</exception>
    public static IServiceCollection AddKafkaArchive(this IServiceCollection services, string? connectionString, Action<KafkaArchiveOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(static service => service.ServiceType == typeof(KafkaArchiveOptions)))
            throw new InvalidOperationException("The service has a Kafka archive already: name all its streams in one call of AddKafkaArchive.");

        var options = new KafkaArchiveOptions();
        configure(options);
        if (options.Validate() is { } wrong)
            throw new ArgumentException(wrong, nameof(configure));

        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<OutboxOptions>();
        if (string.IsNullOrWhiteSpace(connectionString))
            return services.AddSingleton<IHostedService>(static provider => ActivatorUtilities.CreateInstance<ArchiveSwitchedOff>(provider));

        services.AddSingleton(new KafkaConnection(connectionString));
        services.AddSingleton<KafkaWriter>();
        services.AddSingleton<IHostedService>(static provider => ActivatorUtilities.CreateInstance<KafkaArchiver>(provider));
        services.AddSingleton<OutboxEvents>();
        services.AddSingleton<AuditLedger>();
        services.AddSingleton<WindowAudit>();
        services.AddSingleton(static provider => new ArchiveAudit(
            provider.GetRequiredService<KafkaArchiveOptions>(), provider.GetRequiredService<KafkaConnection>(), provider.GetRequiredService<OutboxEvents>(),
            provider.GetRequiredService<AuditLedger>(), provider.GetRequiredService<WindowAudit>(), provider.GetRequiredService<IOptions<OutboxOptions>>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ArchiveAudit>>()));
        services.AddSingleton<IHostedService>(static provider => ActivatorUtilities.CreateInstance<ArchiveAuditor>(provider));
        return services;
    }
}
