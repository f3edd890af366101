using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Messaging;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Archiving;

/// <summary>
/// Runs in place of the archiver when there is no Kafka: says so, and removes the group that an earlier archiver left on a stream, so
/// that the stream is not kept for nobody. As long as another process still archives, it leaves the group alone and looks again; a
/// process that lost its connection string by mistake takes nothing away from its replicas.
/// </summary>
internal sealed class ArchiveSwitchedOff(
    KafkaArchiveOptions options, IConnectionMultiplexer redis, IOptions<OutboxOptions> outbox, TimeProvider clock, ILogger<KafkaArchiver> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // A living archiver shows life every five seconds.
    private static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ArchiveLog.Off(logger);
        var groups = new StreamGroups(redis, outbox.Value.KeyPrefix);
        var left = options.Streams.ToHashSet(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                foreach (var stream in left.ToArray())
                    await RemoveAsync(groups, stream, left, stoppingToken).ConfigureAwait(false);
            }
            while (left.Count > 0 && await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; the next start looks again.
        }
    }

    private async Task RemoveAsync(StreamGroups groups, string stream, HashSet<string> left, CancellationToken cancellationToken)
    {
        try
        {
            var removal = await groups.RemoveAsync(stream, KafkaArchiver.Group, SilentFor, cancellationToken).ConfigureAwait(false);
            if (removal == GroupRemoval.Removed)
                ArchiveLog.GroupRemoved(logger, stream, KafkaArchiver.Group);
            if (removal != GroupRemoval.Alive)
                left.Remove(stream);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Redis is away; others say so. It is asked again.
        }
    }
}
