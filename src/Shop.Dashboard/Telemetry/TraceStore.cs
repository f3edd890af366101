namespace Shop.Dashboard.Telemetry;

/// <summary>
/// Holds the newest traces in memory, up to a number of spans and of bytes. Spans arrive in any order, from several services, minutes
/// apart: a trace is a bag that grows by span id, and its tree is built when somebody looks (<see cref="SpanTree"/>). Room
/// is made a whole trace at a time, the one that began to arrive first, because half a trace misleads; a trace that never
/// ends is cut off at a share of the whole, so that it cannot push out all others. One lock guards it all. Only one thread
/// writes, behind a bounded queue (<see cref="IngestQueue"/>), so a reader that holds the lock for a search delays nobody's
/// request; the price is that a text search scans every span held, some tens of milliseconds when the store is full.
/// </summary>
internal sealed class TraceStore
{
    public const int DefaultCapacity = 50_000;
    public const int DefaultCapacityPerTrace = 10_000;
    public const long DefaultMaxBytes = 256L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly int _capacity;
    private readonly int _capacityPerTrace;
    private readonly OrderedTraces _traces = new();
    private readonly long _maxBytes;
    private int _spans;
    private long _bytes;

    /// <param name="capacity">The most spans held.</param>
    /// <param name="capacityPerTrace">The most spans held of one trace; at most <paramref name="capacity"/>.</param>
    /// <param name="maxBytes">About the most bytes held: the cap of spans that are large.</param>
    public TraceStore(int capacity = DefaultCapacity, int capacityPerTrace = DefaultCapacityPerTrace, long maxBytes = DefaultMaxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacityPerTrace);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacityPerTrace, capacity);
        (_capacity, _capacityPerTrace, _maxBytes) = (capacity, capacityPerTrace, maxBytes);
    }

    public (int Traces, int Spans) Counts
    {
        get
        {
            lock (_gate)
                return (_traces.Count, _spans);
        }
    }

    public void Add(IReadOnlyList<SpanRecord> spans)
    {
        lock (_gate)
        {
            foreach (var span in spans)
            {
                var trace = _traces.GetOrAdd(span.TraceId, _capacityPerTrace);
                var before = trace.Weight;
                if (trace.Add(span))
                    _spans++;
                _bytes += trace.Weight - before;
                while (_spans > _capacity || (_bytes > _maxBytes && _traces.Count > 0))
                {
                    var oldest = _traces.RemoveOldest();
                    _spans -= oldest.Spans.Count;
                    _bytes -= oldest.Weight;
                }
            }
        }
    }

    public IReadOnlyList<TraceSummary> List(TraceFilter filter)
    {
        lock (_gate)
            return [.. _traces.NewestFirst().Where(trace => trace.Matches(filter)).Take(filter.Limit).Select(static trace => trace.Summarise())];
    }

    public TraceDetail? Find(string traceId)
    {
        lock (_gate)
        {
            return _traces.Find(traceId) is { } trace
                ? new TraceDetail(trace.Summarise(), [.. trace.Spans.OrderBy(static span => span.Start)])
                : null;
        }
    }

    /// <summary>Traces by id, and in the order in which their first spans came.</summary>
    private sealed class OrderedTraces
    {
        private readonly Dictionary<string, LinkedListNode<(string Id, Trace Trace)>> _byId = new(StringComparer.OrdinalIgnoreCase);
        private readonly LinkedList<(string Id, Trace Trace)> _byArrival = new();

        public int Count => _byId.Count;

        public Trace? Find(string id) => _byId.TryGetValue(id, out var node) ? node.Value.Trace : null;

        public Trace GetOrAdd(string id, int capacity)
        {
            if (!_byId.TryGetValue(id, out var node))
                _byId.Add(id, node = _byArrival.AddLast((id, new Trace(id, capacity))));
            return node.Value.Trace;
        }

        public Trace RemoveOldest()
        {
            var (id, trace) = _byArrival.First!.Value;
            _byArrival.RemoveFirst();
            _byId.Remove(id);
            return trace;
        }

        public IEnumerable<Trace> NewestFirst()
        {
            for (var node = _byArrival.Last; node is not null; node = node.Previous)
                yield return node.Value.Trace;
        }
    }
}
