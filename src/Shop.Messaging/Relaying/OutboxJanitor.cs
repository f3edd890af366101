using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Shop.Messaging.Relaying;

/// <summary>Deletes published outbox rows and inbox rows past their retention, in batches small enough to hold nobody up. An unpublished row is never deleted, however old, nor one that somebody holds (<c>outbox_holds</c>).</summary>
internal sealed class OutboxJanitor(NpgsqlDataSource database, OutboxOptions options, TimeProvider clock, ILogger<OutboxJanitor> logger) : BackgroundService
{
    private const int Batch = 1000;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.JanitorInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await TidyAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (NpgsqlException exception) when (!stoppingToken.IsCancellationRequested)
                {
                    RelayLog.TidyingFailed(logger, exception);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; the rest is there next time.
        }
    }

    /// <summary>Deletes everything that is due now.</summary>
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var events = await DeleteAsync(
            """
            DELETE FROM outbox WHERE position IN (
                SELECT position
                FROM outbox
                WHERE published_at < clock_timestamp() - $1
                    AND NOT EXISTS (
                        SELECT FROM outbox_holds AS hold
                        WHERE hold.stream = outbox.stream AND hold.needed_from <= outbox.occurred_at AND hold.expires_at > clock_timestamp())
                LIMIT $2
                FOR UPDATE SKIP LOCKED)
            """, options.Retention, cancellationToken).ConfigureAwait(false);
        var records = await DeleteAsync(
            """
            DELETE FROM inbox WHERE (event_id, consumer) IN (
                SELECT event_id, consumer FROM inbox WHERE recorded_at < clock_timestamp() - $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
            """, options.InboxRetention, cancellationToken).ConfigureAwait(false);
        if (events + records > 0)
            RelayLog.Tidied(logger, events, records);
    }

    private async Task<long> DeleteAsync(string sql, TimeSpan retention, CancellationToken cancellationToken)
    {
        long deleted = 0;
        while (true)
        {
            var command = database.CreateCommand(sql);
            await using var _ = command.ConfigureAwait(false);
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = retention });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
            var rows = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            deleted += rows;
            if (rows < Batch)
                return deleted;
        }
    }
}
