using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Shop.Messaging;
using Shop.Redis.Locks;
using StackExchange.Redis;

namespace Shop.Archiving.Auditing;

/// <summary>
/// Audits in the background. Every process has one, and a lock in Redis lets one work at a time on a stream; it saves work and nothing
/// more, since two at once would only repeat repairs. A failure (Kafka, Redis or PostgreSQL away) ends the round, and the next begins
/// where the last result was recorded.
/// </summary>
internal sealed class ArchiveAuditor(
    ArchiveAudit audit, KafkaArchiveOptions options, IConnectionMultiplexer redis, IOptions<OutboxOptions> outbox, TimeProvider clock, ILogger<ArchiveAudit> logger) : BackgroundService
{
    private static readonly TimeSpan LockTtl = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var locks = new RedisLocks(redis, outbox.Value.KeyPrefix, clock: clock);
        await using var _ = locks.ConfigureAwait(false);
        using var timer = new PeriodicTimer(options.AuditInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                foreach (var stream in options.Streams)
                    await TryAuditAsync(locks, stream, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; the window under way is looked at again.
        }
    }

    private async Task TryAuditAsync(RedisLocks locks, string stream, CancellationToken stoppingToken)
    {
        try
        {
            var held = await locks.TryAcquireAsync($"archive-audit:{stream}", LockTtl, stoppingToken).ConfigureAwait(false);
            if (held is null)
                return; // another process is at it
            await using var _ = held.ConfigureAwait(false);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, held.Lost);
            ArchiveTelemetry.ReportAge(stream, await audit.GoOnAsync(stream, either.Token).ConfigureAwait(false));
            _failing.Remove(stream);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested
            && exception is KafkaException or RedisException or NpgsqlException or TimeoutException or OperationCanceledException)
        {
            if (_failing.Add(stream))
                ArchiveLog.AuditFailed(logger, stream, options.AuditInterval, exception);
        }
    }
}
