using System.Diagnostics;
using System.Threading.Channels;

namespace Shop.Redis.Streams;

/// <summary>
/// Runs handlers in parallel lanes, one entry of a key at a time, in the order of their ids. A key has a queue while it has
/// entries; the queues that could go on wait in line for a free lane. An entry that is to be tried again stays at the head of
/// its key's queue and takes the key out of the line until it is due: its followers wait, and nobody else does. An entry that
/// is taken over from a dead consumer is put in its place by id, before those that have not begun.
/// </summary>
internal sealed class KeyLanes
{
    private const int ParkedFactor = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeyQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HeldEntry> _held = new(StringComparer.Ordinal);
    private readonly Channel<KeyQueue> _line = Channel.CreateUnbounded<KeyQueue>();
    private readonly SemaphoreSlim _room = new(0);
    private readonly Func<HeldEntry, ValueTask<Handled>> _handle;
    private readonly TimeProvider _clock;
    private readonly int _capacity;
    private readonly int _worthReading;
    private readonly Task[] _lanes;
    private int _parked;
    private int _inLine;
    private bool _roomWanted;
    private bool _stopped;

    /// <param name="options">Lanes and capacity.</param>
    /// <param name="handle">Handles an entry. Must not throw.</param>
    /// <param name="clock">For the waits.</param>
    public KeyLanes(StreamConsumerGroupOptions options, Func<HeldEntry, ValueTask<Handled>> handle, TimeProvider clock)
    {
        (_capacity, _handle, _clock) = (options.Capacity, handle, clock);
        _worthReading = Math.Max(1, Math.Min(options.BatchSize, options.Capacity / 2));
        _lanes = new Task[options.Lanes];
        for (var i = 0; i < _lanes.Length; i++)
            _lanes[i] = Task.Run(RunLaneAsync);
    }

    /// <summary>
    /// Answers how many entries may be added, once that is worth a read: a good batch fits, or no lane has anything waiting. (Reading
    /// on each place that becomes free would make batches of one.)
    /// </summary>
    public async Task<int> WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (IsWorthReading)
                    return Free;
                _roomWanted = true;
            }

            await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>How many entries may be added now.</summary>
    public int FreePlaces
    {
        get
        {
            lock (_gate)
                return Free;
        }
    }

    /// <summary>The ids of everything held.</summary>
    public string[] HeldIds()
    {
        lock (_gate)
            return [.. _held.Keys];
    }

    /// <summary>Adds an entry; one that is held already is left as it is.</summary>
    public void Add(HeldEntry entry)
    {
        lock (_gate)
        {
            if (_stopped || !_held.TryAdd(entry.Id, entry))
                return;
            if (!_queues.TryGetValue(entry.Message.Key, out var queue))
                _queues.Add(entry.Message.Key, queue = new KeyQueue(entry.Message.Key));
            queue.Insert(entry);
            if (queue.State is KeyState.Idle)
                Enqueue(queue);
            else if (queue.State is KeyState.Waiting)
                _parked++;
        }
    }

    /// <summary>No longer holds handled entries: their acknowledgement is confirmed.</summary>
    public void Release(ReadOnlySpan<string> ids)
    {
        lock (_gate)
        {
            foreach (var id in ids)
                _held.Remove(id);
            OfferRoom();
        }
    }

    /// <summary>Gives up those of <paramref name="ids"/> that have not begun; all of those when null. Answers the ids whose first delivery never began.</summary>
    public string[] Forget(IReadOnlyCollection<string>? ids = null)
    {
        lock (_gate)
        {
            var neverBegan = new List<string>();
            foreach (var entry in ids is null ? [.. _held.Values] : ids.Select(id => _held.GetValueOrDefault(id)).OfType<HeldEntry>().ToArray())
            {
                if (!_queues.TryGetValue(entry.Message.Key, out var queue) || !queue.Contains(entry) || (queue.State is KeyState.Running && queue.Head == entry))
                    continue; // runs, or is done and waits for its acknowledgement
                if (entry is { Begun: false, Attempt: 1 })
                    neverBegan.Add(entry.Id);
                if (queue.State is KeyState.Waiting)
                    _parked--;
                _held.Remove(entry.Id);
                queue.Remove(entry);
                if (queue.Count == 0)
                    Discard(queue);
            }

            OfferRoom();
            return [.. neverBegan];
        }
    }

    /// <summary>Begins nothing more, and gives up what has not begun, as <see cref="Forget"/> does. <see cref="DrainAsync"/> waits for the rest.</summary>
    public string[] Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _line.Writer.TryComplete();
            return Forget();
        }
    }

    /// <summary>Completes when the last running handler has.</summary>
    public Task DrainAsync() => Task.WhenAll(_lanes);

    private int Free => Math.Min(_capacity - (_held.Count - _parked), (_capacity * ParkedFactor) - _held.Count);

    private bool IsWorthReading => Free >= _worthReading || (Free > 0 && _inLine == 0);

    private async Task RunLaneAsync()
    {
        // A trace belongs to an entry, not to whoever started the consumer.
        Activity.Current = null;
        await foreach (var queue in _line.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            HeldEntry entry;
            lock (_gate)
            {
                _inLine--;
                OfferRoom();
                if (queue.Count == 0 || _stopped)
                    continue;
                queue.State = KeyState.Running;
                entry = queue.Head;
                entry.Begun = true;
            }

            var handled = await _handle(entry).ConfigureAwait(false);
            lock (_gate)
            {
                if (handled.Verdict is Verdict.Again)
                    Park(queue, handled.RetryIn);
                else
                    Finish(queue, entry, handled.Verdict);
            }
        }
    }

    private void Enqueue(KeyQueue queue)
    {
        queue.State = KeyState.InLine;
        if (_line.Writer.TryWrite(queue))
            _inLine++;
    }

    private void Park(KeyQueue queue, TimeSpan wait)
    {
        queue.State = KeyState.Waiting;
        _parked += queue.Count;
        OfferRoom();
        if (_stopped)
            return;
        queue.Timer?.Dispose();
        queue.Timer = _clock.CreateTimer(_ => Due(queue), null, wait, Timeout.InfiniteTimeSpan);
    }

    private void Due(KeyQueue queue)
    {
        lock (_gate)
        {
            if (_stopped || queue.State is not KeyState.Waiting)
                return;
            _parked -= queue.Count;
            Enqueue(queue);
        }
    }

    private void Finish(KeyQueue queue, HeldEntry entry, Verdict verdict)
    {
        queue.Remove(entry);
        if (verdict is Verdict.Gone)
            _held.Remove(entry.Id);
        if (queue.Count == 0)
            Discard(queue);
        else if (!_stopped)
            Enqueue(queue);
        OfferRoom();
    }

    private void Discard(KeyQueue queue)
    {
        queue.Timer?.Dispose();
        queue.State = KeyState.Discarded;
        _queues.Remove(queue.Key);
    }

    private void OfferRoom()
    {
        if (!_roomWanted || !IsWorthReading)
            return;
        _roomWanted = false;
        _room.Release();
    }
}
