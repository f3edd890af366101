using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace Shop.Messaging.Relaying;

/// <summary>
/// Appends what the fast path did not: rows whose process was killed, that were committed while Redis was away, that a
/// full channel turned down, or that Redis lost after it had them. It looks for rows that are not marked published, and
/// remembers nothing between two looks; so a row that commits late, with a lower position than its neighbours, is found
/// like any other, and an idle transaction elsewhere holds nothing up. Each look first makes sure that Redis is there and
/// still has what it was given (<see cref="LossRecovery"/>), and only then opens the gate for the fast path. Every
/// process runs a sweeper; a lock lets one work at a time.
/// </summary>
internal sealed class OutboxSweeper(
    NpgsqlDataSource database, IConnectionMultiplexer redis, StreamAppender appender, RedisMarker marker, LossRecovery recovery,
    StreamGate gate, OutboxBacklog backlog, OutboxOptions options, TimeProvider clock, ILogger<OutboxSweeper> logger) : BackgroundService
{
    private DateTimeOffset _gateOpened = DateTimeOffset.MinValue;
    private bool _failing;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        redis.ConnectionFailed += CloseGate;
        redis.ConnectionRestored += LookNow;
        try
        {
            var pause = options.SweepInterval;
            while (true)
            {
                try
                {
                    while (await LookAsync(stoppingToken).ConfigureAwait(false))
                        stoppingToken.ThrowIfCancellationRequested();
                    pause = options.SweepInterval;
                    _failing = false;
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    gate.Close();
                    if (!_failing)
                        RelayLog.SweepFailed(logger, exception);
                    _failing = true;
                    pause = pause * 2 < options.MaxBackoff ? pause * 2 : options.MaxBackoff;
                }

                await gate.WaitAsync(pause, clock, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; a sweep under way was rolled back, and its rows are still unpublished.
        }
        finally
        {
            redis.ConnectionFailed -= CloseGate;
            redis.ConnectionRestored -= LookNow;
        }
    }

    /// <summary>Sees whether Redis is in order, and appends one batch. True: there is more to do at once.</summary>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var state = await recovery.ReadStateAsync(cancellationToken).ConfigureAwait(false);
        marker.Use(state.OutboxId);
        if (!state.Agrees(await marker.ProbeAsync().ConfigureAwait(false)))
        {
            gate.Close();
            return await recovery.TryRecoverAsync(cancellationToken).ConfigureAwait(false);
        }

        if (gate.Open())
        {
            _gateOpened = state.ReadAt;
            RelayLog.FastPathOpened(logger);
        }

        return await SweepAsync(state.Epoch, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> SweepAsync(string epoch, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = transaction.ConfigureAwait(false);
        if (!await SweepLock.TryTakeAsync(connection, options.SweepTimeout, cancellationToken).ConfigureAwait(false))
            return false;

        await backlog.MeasureAsync(connection, cancellationToken).ConfigureAwait(false);
        var rows = await ReadOverdueAsync(connection, cancellationToken).ConfigureAwait(false);
        if (rows is [])
            return false;

        List<PublishedRow> published = new(rows.Count);
        var failure = await appender.AppendAsync(rows, RelayPath.Swept, published).ConfigureAwait(false);
        await OutboxTable.MarkPublishedAsync(connection, published, epoch, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        RelayLog.Swept(logger, published.Count);
        return failure is null ? rows.Count == options.SweepBatch : throw new StreamAppendException(published.Count, rows.Count, failure);
    }

    /// <summary>
    /// The oldest unpublished rows: those that the fast path has had its time for, and those from before the gate opened,
    /// which it was never offered. Age is asked of the newest row only: whatever has a lower position goes with it, so that
    /// no row of a key is left behind while a later one is appended.
    /// </summary>
    private async Task<List<OutboxRow>> ReadOverdueAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"""
            SELECT {OutboxTable.RowColumns}
            FROM outbox
            WHERE published_at IS NULL AND position <= (
                SELECT max(position) FROM outbox WHERE published_at IS NULL AND created_at <= greatest(clock_timestamp() - $1, $2))
            ORDER BY position
            LIMIT $3
            """, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<TimeSpan> { TypedValue = options.SweepAfter },
                new NpgsqlParameter<DateTime> { TypedValue = _gateOpened.UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = options.SweepBatch },
            },
        };
        await using (command.ConfigureAwait(false))
            return await OutboxTable.ReadRowsAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A connection that broke may come back to a Redis that has lost something: nothing goes out before a look.</summary>
    private void CloseGate(object? sender, ConnectionFailedEventArgs failed) => gate.Close();

    private void LookNow(object? sender, ConnectionFailedEventArgs restored) => gate.Nudge();
}
