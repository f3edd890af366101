using System.Threading.Channels;

namespace Shop.Redis.Streams;

/// <summary>An entry that this consumer holds: delivered to it and not yet acknowledged.</summary>
internal sealed class HeldEntry(string id, StreamMessage message, bool redelivered)
{
    public string Id => id;

    public EntryId Order { get; } = EntryId.Parse(id);

    public StreamMessage Message => message;

    /// <summary>The delivery that is counted in Redis; a redelivered entry is counted again before it is handled.</summary>
    public int Attempt { get; set; } = redelivered ? 0 : 1;

    /// <summary>Why the last attempt failed.</summary>
    public Exception? LastError { get; set; }
}

/// <summary>
/// Runs handlers in parallel lanes, one entry of a key at a time, in the order of their ids. A key has a queue while it has
/// entries; the queues that could go on wait in line for a free lane. An entry that is to be tried again stays at the head of
/// its key's queue and takes the key out of the line until it is due: its followers wait, and nobody else does. An entry that
/// is taken over from a dead consumer is put in its place by id, before those that have not begun.
/// </summary>
internal sealed class KeyLanes
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeyQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HeldEntry> _held = new(StringComparer.Ordinal);
    private readonly Channel<KeyQueue> _line = Channel.CreateUnbounded<KeyQueue>();
    private readonly SemaphoreSlim _room = new(0, 1);
    private readonly Func<HeldEntry, ValueTask<TimeSpan?>> _handle;
    private readonly TimeProvider _clock;
    private readonly int _capacity;
    private readonly Task[] _lanes;
    private bool _stopped;

    /// <param name="lanes">Handlers at once.</param>
    /// <param name="capacity">Entries held at the most.</param>
    /// <param name="handle">Handles an entry; answers null when it is done with, or how long to wait before it is tried again. Must not throw.</param>
    /// <param name="clock">For the waits.</param>
    public KeyLanes(int lanes, int capacity, Func<HeldEntry, ValueTask<TimeSpan?>> handle, TimeProvider clock)
    {
        (_capacity, _handle, _clock) = (capacity, handle, clock);
        _lanes = new Task[lanes];
        for (var i = 0; i < lanes; i++)
            _lanes[i] = Task.Run(RunLaneAsync);
    }

    /// <summary>How many more entries may be added.</summary>
    public int FreePlaces
    {
        get
        {
            lock (_gate)
                return _capacity - _held.Count;
        }
    }

    /// <summary>Completes when an entry was done with.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken) => _room.WaitAsync(cancellationToken);

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
        }
    }

    /// <summary>Begins nothing more, and answers the ids of what had not begun. <see cref="DrainAsync"/> waits for the rest.</summary>
    public string[] Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _line.Writer.TryComplete();
            var running = _queues.Values.Where(static queue => queue.State is KeyState.Running).Select(static queue => queue.Head.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var queue in _queues.Values)
                queue.Timer?.Dispose();
            return [.. _held.Keys.Where(id => !running.Contains(id))];
        }
    }

    /// <summary>Completes when the last running handler has.</summary>
    public Task DrainAsync() => Task.WhenAll(_lanes);

    private async Task RunLaneAsync()
    {
        await foreach (var queue in _line.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            HeldEntry entry;
            lock (_gate)
            {
                if (_stopped)
                    continue;
                queue.State = KeyState.Running;
                entry = queue.Head;
            }

            var retryIn = await _handle(entry).ConfigureAwait(false);
            lock (_gate)
            {
                if (retryIn is { } wait)
                    Park(queue, wait);
                else
                    Finish(queue, entry);
            }
        }
    }

    private void Enqueue(KeyQueue queue)
    {
        queue.State = KeyState.InLine;
        _line.Writer.TryWrite(queue);
    }

    private void Park(KeyQueue queue, TimeSpan wait)
    {
        queue.State = KeyState.Waiting;
        if (_stopped)
            return;
        queue.Timer?.Dispose();
        queue.Timer = _clock.CreateTimer(_ => Due(queue), null, wait, Timeout.InfiniteTimeSpan);
    }

    private void Due(KeyQueue queue)
    {
        lock (_gate)
        {
            if (!_stopped && queue.State is KeyState.Waiting)
                Enqueue(queue);
        }
    }

    private void Finish(KeyQueue queue, HeldEntry entry)
    {
        queue.Remove(entry);
        _held.Remove(entry.Id);
        if (_room.CurrentCount == 0)
            _room.Release();
        if (queue.Count == 0)
        {
            queue.Timer?.Dispose();
            _queues.Remove(queue.Key);
        }
        else if (!_stopped)
        {
            Enqueue(queue);
        }
    }

    private enum KeyState
    {
        Idle,
        InLine,
        Running,
        Waiting,
    }

    private sealed class KeyQueue(string key)
    {
        private readonly List<HeldEntry> _entries = [];

        public string Key => key;

        public KeyState State { get; set; }

        public ITimer? Timer { get; set; }

        public int Count => _entries.Count;

        public HeldEntry Head => _entries[0];

        /// <summary>In the place of its id, but never before a head that runs.</summary>
        public void Insert(HeldEntry entry)
        {
            var first = State is KeyState.Running ? 1 : 0;
            var place = _entries.Count;
            while (place > first && _entries[place - 1].Order.CompareTo(entry.Order) > 0)
                place--;
            _entries.Insert(place, entry);
        }

        public void Remove(HeldEntry entry) => _entries.Remove(entry);
    }
}
