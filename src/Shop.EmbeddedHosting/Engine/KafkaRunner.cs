using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>Stands for the user's own Kafka; or for its absence, which is no reason for anybody to wait.</summary>
internal sealed class KafkaRunner : ResourceRunner
{
    private readonly KafkaServerResource _kafka;

    public KafkaRunner(KafkaServerResource kafka, EngineContext context)
        : base(kafka, context)
    {
        _kafka = kafka;
        kafka.ConnectionString = context.Settings.Text($"ConnectionStrings:{kafka.Name}");
    }

    protected override Task RunAsync(CancellationToken stopping)
    {
        if (_kafka.ConnectionString is null)
            Publish(KnownResourceStates.NotConfigured, HealthStatus.Healthy, $"--ConnectionStrings:{_kafka.Name}=<host>:<port> names yours");
        else
            Publish(KnownResourceStates.Running, HealthStatus.Healthy, "configured by the user");
        return Task.Delay(Timeout.InfiniteTimeSpan, stopping);
    }
}
