using Npgsql;

namespace Shop.Messaging.Relaying;

/// <summary>
/// Measures what waits in the outbox, for the gauges <c>shop.outbox.backlog</c> and <c>shop.outbox.oldest_age</c>. The
/// sweeper at work measures, now and then; a process whose last measurement is old reports nothing.
/// </summary>
internal sealed class OutboxBacklog(TimeProvider clock)
{
    private static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(5);

    private (long MeasuredAt, long Rows, double OldestSeconds)? _last;

    /// <summary>Counts the unpublished rows, at most every five seconds.</summary>
    public async Task MeasureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_last is { } last && clock.GetElapsedTime(last.MeasuredAt) < MeasureEvery)
            return;

        var command = new NpgsqlCommand(
            """
            SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8
            FROM outbox
            WHERE published_at IS NULL
            """, connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            _last = (clock.GetTimestamp(), reader.GetInt64(0), reader.GetDouble(1));
            MessagingTelemetry.Backlog = this;
        }
    }

    /// <summary>The last measurement, if it is younger than three periods.</summary>
    public (long Rows, double OldestSeconds)? Latest() =>
        _last is { } last && clock.GetElapsedTime(last.MeasuredAt) < 3 * MeasureEvery ? (last.Rows, last.OldestSeconds) : null;
}
