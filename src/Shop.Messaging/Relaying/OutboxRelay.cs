using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Shop.Messaging.Relaying;

/// <summary>
/// The fast path from a commit to the stream. Committed rows arrive through a bounded channel; one loop appends whatever
/// has gathered, and the marks follow behind in their own loop. It keeps the order of each key with positive evidence
/// only: a row goes out when every earlier row of its key is marked published (the insert itself reported which are not)
/// or was confirmed to this very process. Otherwise another process holds the earlier ones, or lost them; then the
/// unpublished rows of that key are read from the table and appended in order at once, which may repeat some. Whatever is
/// not certain here (Redis away, a full channel, a missing marker) is dropped without regret: the table has it, and the
/// sweeper reads the table.
/// </summary>
internal sealed class OutboxRelay(
    NpgsqlDataSource database, StreamAppender appender, RedisMarker marker, StreamGate gate, OutboxOptions options, ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int LargestBatch = 512;

    private readonly Channel<OutboxRow> _rows = Channel.CreateBounded<OutboxRow>(new BoundedChannelOptions(options.FastPathCapacity) { SingleReader = true });
    private readonly PublishedMarks _marks = new(database, logger);
    private readonly ConfirmedRows _confirmed = new();
    private string? _epoch;

    /// <summary>Takes the rows of one commit; never waits.</summary>
    public void Offer(IReadOnlyList<OutboxRow> rows)
    {
        if (!gate.IsOpen)
        {
            MessagingTelemetry.LeftToSweeper.Add(rows.Count);
            return;
        }

        for (var i = 0; i < rows.Count; i++)
        {
            if (_rows.Writer.TryWrite(rows[i]))
                continue;

            MessagingTelemetry.LeftToSweeper.Add(rows.Count - i);
            return;
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Stopping takes no more rows, and relays and marks those that have been taken.
        await using var _ = stoppingToken.Register(() => _rows.Writer.TryComplete()).ConfigureAwait(false);
        var marking = _marks.RunAsync();
        var batch = new List<OutboxRow>(LargestBatch);
        while (await _rows.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < LargestBatch && _rows.Reader.TryRead(out var row))
                batch.Add(row);

            try
            {
                await RelayAsync(batch).ConfigureAwait(false);
            }
            catch (Exception exception) when (StreamAppender.IsRedisTrouble(exception) || exception is NpgsqlException)
            {
                Close(exception);
            }
        }

        _marks.Complete();
        await marking.ConfigureAwait(false);
    }

    private async Task RelayAsync(List<OutboxRow> batch)
    {
        if (!gate.IsOpen)
        {
            MessagingTelemetry.LeftToSweeper.Add(batch.Count);
            return;
        }

        if (await marker.ReadAsync().ConfigureAwait(false) is not { } epoch)
        {
            gate.Close();
            MessagingTelemetry.LeftToSweeper.Add(batch.Count);
            return;
        }

        // A new epoch means that Redis lost something: what was confirmed, or reported as published at the insert, may be gone.
        var blocked = new HashSet<(string, string)>();
        if (epoch != _epoch)
        {
            _confirmed.Clear();
            if (_epoch is not null)
                blocked.UnionWith(batch.Select(static row => row.Lane));
            _epoch = epoch;
        }

        // Splitting looks at the rows before in the same batch as if they were confirmed; the appender sees to it that they are.
        var free = new List<OutboxRow>(batch.Count);
        var ahead = new HashSet<long>();
        foreach (var row in batch)
        {
            if (_confirmed.Contains(row.Position))
                continue;

            if (!blocked.Contains(row.Lane) && row.Earlier.All(position => ahead.Contains(position) || _confirmed.Contains(position)))
            {
                free.Add(row);
                ahead.Add(row.Position);
            }
            else
            {
                blocked.Add(row.Lane);
            }
        }

        await AppendAsync(free, RelayPath.Fast, epoch).ConfigureAwait(false);
        if (blocked.Count > 0 && gate.IsOpen)
            await AppendKeysAsync(blocked, epoch).ConfigureAwait(false);
    }

    /// <summary>Appends the unpublished rows of some keys from the table, in order; more than one read's worth is the sweeper's.</summary>
    private async Task AppendKeysAsync(HashSet<(string, string)> keys, string epoch)
    {
        List<OutboxRow> rows;
        var connection = await database.OpenConnectionAsync().ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
            rows = await OutboxTable.ReadUnpublishedAsync(connection, keys, LargestBatch, CancellationToken.None).ConfigureAwait(false);

        rows.RemoveAll(row => _confirmed.Contains(row.Position));
        await AppendAsync(rows, RelayPath.Ordered, epoch).ConfigureAwait(false);
    }

    private async Task AppendAsync(List<OutboxRow> rows, RelayPath path, string epoch)
    {
        List<PublishedRow> published = new(rows.Count);
        var failure = await appender.AppendAsync(rows, path, published).ConfigureAwait(false);
        _confirmed.Add(published);
        _marks.Add(published, epoch);
        if (failure is not null)
            Close(failure);
    }

    private void Close(Exception exception)
    {
        if (gate.Close())
            RelayLog.FastPathClosed(logger, exception);
    }
}
