using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;

namespace Shop.Messaging;

/// <summary>
/// Lets concurrent callers share one transaction. A commit to PostgreSQL costs a disk flush, whether it holds one row or
/// a hundred; so one loop takes everything that waits (up to <c>maxBatch</c>), hands it to one commit function, and
/// meanwhile the next batch gathers by itself. Nobody waits for company: a caller alone is committed at once, and batches
/// grow exactly with the load. The price is shared fate within a batch, which is why a batch that fails is tried again
/// item by item, so that one bad item fails alone; a commit function must therefore leave nothing behind when it throws
/// (one transaction) and bear being called again for an item whose commit got lost on the way back (an idempotency key).
/// </summary>
/// <typeparam name="TItem">What a caller submits.</typeparam>
/// <typeparam name="TResult">What it gets back after the commit.</typeparam>
public sealed class GroupCommit<TItem, TResult> : IAsyncDisposable
{
    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private readonly CancellationTokenSource _abort = new();
    private readonly Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> _commit;
    private readonly string _name;
    private readonly string _spanName;
    private readonly int _maxBatch;
    private readonly Task _committer;

    /// <summary>Starts the committer loop; <see cref="DisposeAsync"/> ends it after everything submitted has been answered.</summary>
    /// <param name="name">Names the work in spans and metrics, for example <c>place-orders</c>.</param>
    /// <param name="commit">
    /// Runs one transaction for a batch and answers one result per item, in the same order, after the commit. One call
    /// runs at a time. The token is cancelled only when disposal has waited longer than <see cref="DrainPatience"/>.
    /// </param>
    /// <param name="maxBatch">The most items of one transaction, at least 1; 1 turns sharing off.</param>
    public GroupCommit(string name, Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> commit, int maxBatch = 256)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(commit);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        (_name, _spanName, _commit, _maxBatch) = (name, $"group commit {name}", commit, maxBatch);

        // The loop belongs to no caller: it must not carry the trace or the request context of the one that made it.
        using (ExecutionContext.SuppressFlow())
            _committer = Task.Run(RunAsync);
    }

    /// <summary>How long disposal lets the commit function finish what was submitted before it is cancelled.</summary>
    public TimeSpan DrainPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Commits <paramref name="item"/> together with whatever else waits, and answers its result after the commit.</summary>
    /// <param name="item">The item; what it needs of its caller's context (a traceparent for the outbox) travels in it.</param>
    /// <param name="cancellationToken">
    /// Ends the caller's wait. An item that has not been taken yet is dropped; one that has been taken is committed with
    /// its batch all the same, and its caller does not learn the outcome.
    /// </param>
    /// <exception cref="ObjectDisposedException">The group was disposed.</exception>
    public Task<TResult> SubmitAsync(TItem item, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<TResult>(cancellationToken);

        var waiting = new Waiting(item, Activity.Current, cancellationToken);
        ObjectDisposedException.ThrowIf(!_waiting.Writer.TryWrite(waiting), this);
        return waiting.Completion.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Takes no more, commits what was submitted, and ends the loop.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        _abort.CancelAfter(DrainPatience);
        await _committer.ConfigureAwait(false);
        _abort.Dispose();
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var batch = new List<Waiting>();
            while (batch.Count < _maxBatch && _waiting.Reader.TryRead(out var waiting))
            {
                if (waiting.Caller.IsCancellationRequested)
                    waiting.Completion.TrySetCanceled(waiting.Caller);
                else
                    batch.Add(waiting);
            }

            if (batch.Count > 0)
                await CommitAsync(batch).ConfigureAwait(false);
        }
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        if (await TryCommitAsync(batch).ConfigureAwait(false) is not { } failure)
            return;

        // A database that is away gave no verdict on any item: asking it again for each would only make all of them wait.
        if (batch.Count == 1 || IsOutage(failure))
        {
            FailAll(batch, failure);
            return;
        }

        for (var i = 0; i < batch.Count; i++)
        {
            if (await TryCommitAsync([batch[i]]).ConfigureAwait(false) is not { } itsOwn)
                continue;

            batch[i].Completion.TrySetException(itsOwn);
            if (IsOutage(itsOwn))
            {
                FailAll(batch[(i + 1)..], itsOwn);
                return;
            }
        }
    }

    private async Task<Exception?> TryCommitAsync(List<Waiting> batch)
    {
        IReadOnlyList<TResult> results;
        var previous = Activity.Current;
        // It stands in the trace of the first who has one, and links the others'; work that nobody asked for needs no span.
        var first = batch.Find(static waiting => waiting.Activity is not null)?.Activity;
        Activity.Current = first;
        var span = first is null ? null : MessagingTelemetry.Source.StartActivity(
            _spanName, ActivityKind.Internal, first.Context,
            [new("shop.group_commit.name", _name), new("shop.group_commit.batch_size", batch.Count)], LinksToOthers(batch, first));
        try
        {
            MessagingTelemetry.GroupCommitBatch.Record(batch.Count, new KeyValuePair<string, object?>("shop.group_commit.name", _name));
            results = await _commit(batch.ConvertAll(static waiting => waiting.Item), _abort.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception.GetType().FullName);
            span?.AddException(exception);
            return exception;
        }
        finally
        {
            span?.Dispose();
            Activity.Current = previous;
        }

        // It is committed: whatever is wrong now, trying again would commit it twice.
        if (results.Count != batch.Count)
            FailAll(batch, new InvalidOperationException($"The commit function of '{_name}' answered {results.Count} results for {batch.Count} items; it must answer one for each, in order."));
        else
            for (var i = 0; i < batch.Count; i++)
                batch[i].Completion.TrySetResult(results[i]);
        return null;
    }

    private static List<ActivityLink> LinksToOthers(List<Waiting> batch, Activity first)
    {
        List<ActivityLink> links = [];
        foreach (var other in batch)
        {
            if (other.Activity is { } activity && activity != first)
                links.Add(new(activity.Context));
        }

        return links;
    }

    private static bool IsOutage(Exception exception) => exception is (NpgsqlException and not PostgresException) or OperationCanceledException;

    private static void FailAll(List<Waiting> batch, Exception exception)
    {
        foreach (var waiting in batch)
            waiting.Completion.TrySetException(exception);
    }

    private sealed record Waiting(TItem Item, Activity? Activity, CancellationToken Caller)
    {
        public TaskCompletionSource<TResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
