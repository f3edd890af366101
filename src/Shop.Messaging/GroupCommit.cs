using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;

namespace Shop.Messaging;

/// <summary>
/// Lets concurrent callers share one database transaction. One loop takes everything that waits, up to a maximum, and commits
/// it as one batch; while it commits, the next batch gathers. So the batch size follows the load by itself: a caller who comes
/// alone is served alone and at once, and a thousand who come together pay for a handful of commits. A batch that fails is
/// run again item by item, so that one bad item fails alone; the commit function must therefore leave nothing behind when it throws.
/// </summary>
/// <typeparam name="TItem">What a caller wants done.</typeparam>
/// <typeparam name="TResult">What became of it.</typeparam>
public sealed class GroupCommit<TItem, TResult> : IAsyncDisposable
{
    private readonly string _name;
    private readonly int _maxBatch;
    private readonly Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> _commit;
    private readonly Channel<Waiter> _waiting = Channel.CreateUnbounded<Waiter>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _loop;

    /// <summary>Starts the loop.</summary>
    /// <param name="name">Names the batch in traces and metrics, for example <c>orders.place</c>.</param>
    /// <param name="commit">Commits a batch, and answers one result for each item, in their order. Runs once at a time.</param>
    /// <param name="maxBatch">The largest batch, 1 or more. Default 256: beyond it, a larger batch gains little and holds its row locks longer.</param>
    public GroupCommit(string name, Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> commit, int maxBatch = 256)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(commit);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        (_name, _commit, _maxBatch) = (name, commit, maxBatch);

        // The loop outlives every caller: it must not inherit the trace of whoever created it.
        using (ExecutionContext.SuppressFlow())
            _loop = Task.Run(RunAsync);
    }

    /// <summary>Completes when the item's batch is committed; throws what its commit threw.</summary>
    /// <param name="item">What to do.</param>
    /// <param name="cancellationToken">Stops the waiting. An item whose batch has begun is committed all the same.</param>
    /// <exception cref="ObjectDisposedException">The group commit is shutting down; nothing was done.</exception>
    public Task<TResult> ExecuteAsync(TItem item, CancellationToken cancellationToken = default)
    {
        var waiter = new Waiter(item, cancellationToken);
        return _waiting.Writer.TryWrite(waiter)
            ? waiter.Result.WaitAsync(cancellationToken)
            : throw new ObjectDisposedException(_name, $"The group commit '{_name}' is shutting down; call again elsewhere.");
    }

    /// <summary>Takes no more items, commits those that wait, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var batch = new List<Waiter>(_maxBatch);
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (batch.Count < _maxBatch && _waiting.Reader.TryRead(out var waiter))
            {
                if (!waiter.GaveUp)
                    batch.Add(waiter);
            }

            if (batch.Count > 0)
                await CommitAsync(batch).ConfigureAwait(false);
            batch.Clear();
        }
    }

    private async Task CommitAsync(List<Waiter> batch)
    {
        try
        {
            await CommitOnceAsync(batch).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (batch.Count == 1)
            {
                batch[0].Fail(exception);
                return;
            }

            foreach (var waiter in batch)
                await CommitAsync([waiter]).ConfigureAwait(false);
        }
    }

    private async Task CommitOnceAsync(List<Waiter> batch)
    {
        // The batch appears in the trace of its first caller, and is linked to those of the others.
        using var activity = MessagingTelemetry.Source.StartActivity(
            "group commit", ActivityKind.Internal, batch[0].Trace, links: batch.Skip(1).Where(static waiter => waiter.Trace != default).Select(static waiter => new ActivityLink(waiter.Trace)));
        activity?.SetTag("shop.group_commit.name", _name).SetTag("shop.group_commit.size", batch.Count);
        GroupCommitMetrics.BatchSize.Record(batch.Count, new KeyValuePair<string, object?>("shop.group_commit.name", _name));

        var results = await _commit(batch.ConvertAll(static waiter => waiter.Item), CancellationToken.None).ConfigureAwait(false);
        if (results.Count != batch.Count)
            throw new InvalidOperationException($"The group commit '{_name}' answered {results.Count} results for {batch.Count} items; it must answer one for each.");
        for (var i = 0; i < batch.Count; i++)
            batch[i].Succeed(results[i]);
    }

    private sealed class Waiter(TItem item, CancellationToken cancellationToken)
    {
        private readonly TaskCompletionSource<TResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TItem Item => item;

        public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

        public Task<TResult> Result => _result.Task;

        public bool GaveUp => cancellationToken.IsCancellationRequested;

        public void Succeed(TResult result) => _result.TrySetResult(result);

        public void Fail(Exception exception) => _result.TrySetException(exception);
    }
}

/// <summary>The metrics of every <see cref="GroupCommit{TItem,TResult}"/>.</summary>
internal static class GroupCommitMetrics
{
    public static readonly Histogram<int> BatchSize =
        MessagingTelemetry.Meter.CreateHistogram<int>("shop.group_commit.size", "{item}", "Items that shared one transaction");
}
