using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Shop.Messaging.Relaying;

/// <summary>
/// Marks appended rows as published, off the fast path: one update at a time takes every mark that has gathered. A mark
/// that gets lost (a full queue, a database away, a crash: the commit does not even wait for the disk) only makes the
/// sweeper repeat the event.
/// </summary>
internal sealed class PublishedMarks(NpgsqlDataSource database, ILogger logger)
{
    private const int LargestUpdate = 2000;

    private readonly Channel<(PublishedRow Row, string Epoch)> _marks =
        Channel.CreateBounded<(PublishedRow, string)>(new BoundedChannelOptions(65536) { SingleReader = true });

    private bool _failing;

    public void Add(List<PublishedRow> rows, string epoch)
    {
        foreach (var row in rows)
        {
            if (!_marks.Writer.TryWrite((row, epoch)))
                return;
        }
    }

    /// <summary>After this, <see cref="RunAsync"/> marks what has gathered and returns.</summary>
    public void Complete() => _marks.Writer.TryComplete();

    public async Task RunAsync()
    {
        while (await _marks.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            List<PublishedRow> rows = [];
            string? epoch = null;
            while (rows.Count < LargestUpdate && _marks.Reader.TryPeek(out var mark) && (epoch ??= mark.Epoch) == mark.Epoch && _marks.Reader.TryRead(out mark))
                rows.Add(mark.Row);

            try
            {
                var connection = await database.OpenConnectionAsync().ConfigureAwait(false);
                await using var _ = connection.ConfigureAwait(false);
                await OutboxTable.MarkPublishedAsync(connection, rows, epoch!, CancellationToken.None).ConfigureAwait(false);
                _failing = false;
            }
            catch (NpgsqlException exception)
            {
                if (!_failing)
                    RelayLog.MarkingFailed(logger, rows.Count, exception);
                _failing = true;
            }
        }
    }
}
