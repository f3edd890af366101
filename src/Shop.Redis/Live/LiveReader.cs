using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>
/// One reader's way through a log. It delivers only what follows its cursor without a gap, wherever it comes from: the stream, the
/// history, or a push; so none of them has to be complete, and every step may be repeated.
/// </summary>
internal sealed class LiveReader<T>(string log, LiveCursor after, LiveStore<T> store, LiveFeed<T> feed, LiveBuffer<T> buffer, LiveLogOptions<T> options, ILiveHistory<T>? history, LiveOutage outage, TimeProvider clock, ILogger logger)
{
    // After this a reader stops waiting for an answer and turns to the history; the client would wait for five seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly LiveBackOff _backOff = new(clock);
    private readonly List<LiveItem<T>> _pushes = [];
    private LiveCursor _cursor = after;
    private Step _step = Step.Subscribe;
    private bool _joining = true;     // a momentary log from its start: whatever it has is the beginning
    private bool _askHistory = true;  // something may be missing that leaves no hole to see
    private long _owed;               // the highest item of a durable log known to exist
    private Step? _retry;             // where to go on when the back-off is over
    private bool _away;

    private enum Step { Subscribe, Stream, History, Live }

    public string Kind { get; } = history is null ? LiveTelemetry.Momentary : LiveTelemetry.Durable;

    /// <summary>The next items, at least one. The list is good until the next call. Whoever cancels <paramref name="ct"/> also wakes the buffer.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // called for each item of each reader
    public async ValueTask<List<LiveItem<T>>> NextAsync(CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            List<LiveItem<T>> items;
            var from = "push";
            if (_step == Step.Live)
            {
                items = TakePushes(out var idle);

                // Only after an empty look: whatever was raised since then has left something in the buffer.
                if (idle)
                {
                    if (_retry is null)
                        await buffer.WaitAsync().ConfigureAwait(false);
                    else
                        await buffer.WaitAsync(_backOff.Left, ct).ConfigureAwait(false);
                    continue;
                }
            }
            else
            {
                (items, from) = _step switch
                {
                    Step.Subscribe => (await SubscribeAsync(ct).ConfigureAwait(false), ""),
                    Step.Stream => (await ReadStreamAsync(ct).ConfigureAwait(false), "stream"),
                    _ => (await ReadHistoryAsync(history!, ct).ConfigureAwait(false), "history"),
                };
            }

            if (items.Count == 0)
                continue;
            _cursor = items[^1].Cursor;
            _joining = false;
            LiveTelemetry.CountDelivered(items.Count, Kind, from);
            return items;
        }
    }

    private async Task<List<LiveItem<T>>> SubscribeAsync(CancellationToken ct)
    {
        try
        {
            await feed.SubscribeAsync().WaitAsync(Patience, clock, ct).ConfigureAwait(false);
            _step = Step.Stream;
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            RedisFailed(exception);
        }

        return [];
    }

    private async Task<List<LiveItem<T>>> ReadStreamAsync(CancellationToken ct)
    {
        // What was pushed until now is on the stream, or (late, durable) in the history.
        while (buffer.TryTake(out var pushed))
            Know(pushed?.Cursor);
        buffer.TakeOverflow();

        StreamEntry[] page;
        try
        {
            page = await store.ReadAsync(log, _cursor).WaitAsync(Patience, clock, ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            RedisFailed(exception);
            return [];
        }

        RedisAnswered();
        var items = Continue(page);
        var more = page.Length == options.PageSize && items.Count > 0;
        var reached = items.Count > 0 ? items[^1].Cursor : _cursor;
        _joining = false;
        if (more)
            return items;
        if (history is not null && (_askHistory || reached.Sequence < _owed))
        {
            _step = Step.History;
        }
        else
        {
            _step = GoLive(reached);
            _backOff.Succeed();
        }

        return items;
    }

    /// <summary>The entries that follow the cursor without a gap.</summary>
    private List<LiveItem<T>> Continue(StreamEntry[] page)
    {
        var items = new List<LiveItem<T>>(page.Length);
        var last = _cursor;
        foreach (var entry in page)
        {
            var next = LiveCursor.OfEntry(entry.Id!);
            if (next.Epoch == 0 == history is null)
                throw new InvalidOperationException($"The stream of the log '{log}' holds {next}: it is a {(history is null ? "durable log, which is read with its history" : "momentary log, which is read without a history")}.");
            Know(next);
            if (next == _cursor)
                continue;
            if (!last.IsFollowedBy(next) && !(history is null && last == LiveCursor.Start && (_joining || next.Sequence == 1)))
                return history is not null ? items : throw Gap($"its next entry is {next}");
            items.Add(LiveCodec.ReadEntry(entry, options.Json));
            last = next;
        }

        // A momentary log that has nothing at or after the cursor is not the one that the cursor is from.
        if (history is null && page.Length == 0 && _cursor != LiveCursor.Start)
            throw Gap("it was wiped or has expired");
        return items;
    }

    private async Task<List<LiveItem<T>>> ReadHistoryAsync(ILiveHistory<T> truth, CancellationToken ct)
    {
        var items = new List<LiveItem<T>>();
        var last = _cursor.Sequence;
        try
        {
            await foreach (var (sequence, value) in truth.ReadAsync(log, last, ct).ConfigureAwait(false))
            {
                if (sequence <= last)
                    continue;
                if (sequence != last + 1)
                {
                    logger.HistoryHasHole(log, last + 1, sequence);
                    Know(LiveCursor.From(sequence));
                    break;
                }

                items.Add(new LiveItem<T>(LiveCursor.From(sequence), value));
                last = sequence;
                if (items.Count == options.PageSize)
                    return items; // and there may be more
            }
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            // What it gave before counts. Pushes that continue the log are delivered while it is asked again.
            logger.HistoryFailed(log, last, exception);
            RetryLater(Step.History);
            _step = Step.Live;
            return items;
        }

        _askHistory = false;
        _step = GoLive(LiveCursor.From(last));
        if (last < _owed)
        {
            if (_backOff.Failures == 0)
                logger.HistoryBehind(log, last, _owed);
            RetryLater(Step.Stream);
        }
        else if (!_away)
        {
            _backOff.Succeed();
        }

        return items;
    }

    /// <summary>What was pushed and continues the log. Idle: there was nothing, and nothing else to do.</summary>
    private List<LiveItem<T>> TakePushes(out bool idle)
    {
        idle = false;
        _pushes.Clear();
        if (buffer.TakeInterruption())
        {
            LiveTelemetry.CountRefill(Kind, "interrupted");
            _askHistory = true;
            _step = Step.Subscribe;
            return _pushes;
        }

        if (buffer.TakeOverflow())
        {
            LiveTelemetry.CountRefill(Kind, "overflow");
            _step = Step.Stream;
            return _pushes;
        }

        var last = _cursor;
        var looked = false;
        while (_pushes.Count < options.PageSize && buffer.TryTake(out var item))
        {
            looked = true;
            if (item is null || (item.Cursor.Epoch == last.Epoch && item.Cursor.Sequence <= last.Sequence))
                continue;
            if (last.IsFollowedBy(item.Cursor))
            {
                _pushes.Add(item);
                last = item.Cursor;
                continue;
            }

            Know(item.Cursor);
            if (_retry is null)
            {
                LiveTelemetry.CountRefill(Kind, "hole");
                _step = Step.Stream;
                return _pushes;
            }
        }

        if (_pushes.Count > 0)
            return _pushes;
        if (_retry is { } retry && _backOff.Left <= TimeSpan.Zero)
        {
            _retry = null;
            _step = retry;
            return _pushes;
        }

        idle = !looked;
        return _pushes;
    }

    private Step GoLive(LiveCursor reached)
    {
        feed.Reached(reached);
        return Step.Live;
    }

    private void Know(LiveCursor? cursor)
    {
        if (history is not null && cursor is { } known)
            _owed = Math.Max(_owed, known.Sequence);
    }

    private void RedisFailed(Exception exception)
    {
        outage.Failed(log, exception);
        _away = true;
        _askHistory = true;
        RetryLater(Step.Subscribe);
        // The truth may be there while the fast copy is not.
        _step = history is null ? Step.Live : Step.History;
    }

    private void RedisAnswered()
    {
        outage.Worked(log);
        _askHistory |= _away; // for what could not be appended meanwhile
        _away = false;
        _retry = null;
    }

    private void RetryLater(Step step)
    {
        _backOff.Fail();
        // Back to the subscription, where that is still owed: it leads to every other step.
        _retry = _retry == Step.Subscribe ? Step.Subscribe : step;
    }

    private LiveLogGapException Gap(string found) => new(log, _cursor, found);
}
