using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>
/// Logs that people watch: a feed, a chat room, the statuses of an order. Whoever joins gets what is there and then what comes,
/// each item once and in order.
/// <para>
/// An append puts the item on a stream and publishes it, in one script. A reader subscribes first and then reads the stream, so
/// that nothing falls between; pushes that it has already read are dropped by their number, and a push that does not continue
/// where the reader stands sends it back to the stream. A durable log is numbered by the application, which commits 1, 2, 3… to
/// its database before it appends. The stream is then a fast copy that may be repeated, disordered, incomplete, trimmed or
/// wiped: what it does not prove, the reader takes from the <see cref="ILiveHistory{T}"/>. It also asks the history when it joins, whenever the
/// connection was away, and now and then, because an append that never came leaves no hole to see. A momentary
/// log has no history: Redis numbers its items and names each life of the log (its epoch), and a reader that cannot be served
/// without a gap gets a <see cref="LiveLogGapException"/>.
/// </para>
/// <para>
/// The price: an item crosses the network once per process that reads its log, and each join of a durable log costs one query of
/// the history. Each process holds one subscription per log, however many readers share it.
/// </para>
/// </summary>
/// <remarks>
/// Thread-safe. Redis commands: XADD, XDEL, XREVRANGE, PEXPIRE, TIME and PUBLISH in scripts; XRANGE, XREVRANGE, PEXPIRE, SUBSCRIBE,
/// UNSUBSCRIBE, PING.
/// </remarks>
/// <typeparam name="T">The items.</typeparam>
public sealed class LiveLog<T>
{
    private readonly LiveStore<T> _store;
    private readonly LiveFeeds<T> _feeds;
    private readonly LiveLogOptions<T> _options;
    private readonly ILiveHistory<T>? _history;
    private readonly TimeProvider _clock;
    private readonly LiveOutage _outage;
    private readonly ILogger _logger;

    /// <summary>Nothing is subscribed before somebody reads.</summary>
    /// <param name="redis">The connection; shared, never blocked.</param>
    /// <param name="keyPrefix">Put in front of every key, for example <c>shop:</c>.</param>
    /// <param name="options">The items' JSON, and what is kept.</param>
    /// <param name="history">The truth behind durable logs. Null: readers take the logs for momentary. Whoever only appends needs none.</param>
    /// <param name="clock">Measures pauses.</param>
    /// <param name="logger">Told of outages and lost appends.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public LiveLog(IConnectionMultiplexer redis, string keyPrefix, LiveLogOptions<T> options, ILiveHistory<T>? history = null, TimeProvider? clock = null, ILogger<LiveLog<T>>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _history = history;
        _clock = clock ?? TimeProvider.System;
        _logger = logger ?? NullLogger<LiveLog<T>>.Instance;
        _outage = new LiveOutage(_logger);
        _store = new LiveStore<T>(redis, new LiveKeys(keyPrefix), options);
        _feeds = new LiveFeeds<T>(redis, _store, options, history, _clock, _logger);
    }

    /// <summary>Appends an item that the application has numbered and committed. One round trip; a repeat changes nothing.</summary>
    /// <param name="log">The log; at most 200 characters, no braces, no white space.</param>
    /// <param name="sequence">1 for the first item of this log, and one more with each.</param>
    /// <param name="item">The item.</param>
    /// <param name="ct">Gives up waiting for the reply; the append may still happen.</param>
    /// <exception cref="RedisException">Redis is away. Nothing is lost by leaving it at that: readers find the item in the history.</exception>
    public Task AppendAsync(string log, long sequence, T item, CancellationToken ct = default)
    {
        LiveKeys.Validate(log);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequence);
        return _store.AppendAsync(log, sequence, item).WaitAsync(ct);
    }

    /// <summary>
    /// Appends an item that takes back an earlier one (a message that was removed, an entry that was wrong). In the same step the
    /// earlier one leaves the stream, so that whoever comes by later gets it from the history, as it reads there now: change it
    /// there first. Readers who had it already learn of it from the new item. One round trip; a repeat changes nothing.
    /// </summary>
    /// <param name="log">The log; at most 200 characters, no braces, no white space.</param>
    /// <param name="retracted">The earlier item. Readers that begin before it read the history from there on, until it is trimmed.</param>
    /// <param name="sequence">The new item's number: one more than the last.</param>
    /// <param name="item">The new item.</param>
    /// <param name="ct">Gives up waiting for the reply; it may still happen.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or the retracted item is not an earlier one.</exception>
    /// <exception cref="RedisException">Redis is away, and may still hold the earlier item: repeat the call, or do not deliver what the history no longer has.</exception>
    public Task RetractAsync(string log, long retracted, long sequence, T item, CancellationToken ct = default)
    {
        LiveKeys.Validate(log);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(retracted);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(retracted, sequence);
        return _store.AppendAsync(log, sequence, item, retracted).WaitAsync(ct);
    }

    /// <summary>Appends an item to a momentary log, which numbers it. One round trip. An append whose reply was lost may have happened.</summary>
    /// <param name="log">The log; at most 200 characters, no braces, no white space.</param>
    /// <param name="item">The item.</param>
    /// <param name="ct">Gives up waiting for the reply; the append may still happen.</param>
    /// <returns>The place after the item.</returns>
    /// <exception cref="InvalidOperationException">This object has a history: its logs are numbered by the application.</exception>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task<LiveCursor> AppendAsync(string log, T item, CancellationToken ct = default)
    {
        LiveKeys.Validate(log);
        if (_history is not null)
            throw new InvalidOperationException($"The log '{log}' has a history: commit the item there first, and append it with its sequence.");
        return _store.AppendAsync(log, item).WaitAsync(ct);
    }

    /// <summary>
    /// The items after <paramref name="after"/>, and then each new one as it comes, for ever: without a gap, without a repeat, in
    /// order. While Redis is away the reader waits (a durable log is served from its history meanwhile).
    /// </summary>
    /// <param name="log">The log; at most 200 characters, no braces, no white space.</param>
    /// <param name="after">The last item seen; <see cref="LiveCursor.Start"/> for everything (a momentary log: everything that it still has).</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <exception cref="LiveLogGapException">A momentary log cannot go on without a gap.</exception>
    /// <exception cref="ArgumentException">The name is not valid, or the cursor is one of a momentary log and this log has a history.</exception>
    /// <exception cref="InvalidOperationException">The stream holds a log of the other kind.</exception>
    /// <exception cref="System.Text.Json.JsonException">An entry is not a <typeparamref name="T"/>.</exception>
    public IAsyncEnumerable<LiveItem<T>> ReadAsync(string log, LiveCursor after, CancellationToken ct)
    {
        LiveKeys.Validate(log);
        if (_history is not null && after.Epoch != 0)
            throw new ArgumentException($"The cursor {after} is one of a momentary log, and '{log}' has a history.", nameof(after));
        return ReadCoreAsync(log, after, ct);
    }

    private async IAsyncEnumerable<LiveItem<T>> ReadCoreAsync(string log, LiveCursor after, [EnumeratorCancellation] CancellationToken ct)
    {
        var buffer = new LiveBuffer<T>(_options.BufferSize, _clock);
        var feed = _feeds.Join(log, buffer);
        try
        {
            await using var wake = ct.UnsafeRegister(static waiting => ((LiveBuffer<T>)waiting!).Wake(), buffer).ConfigureAwait(false);
            var reader = new LiveReader<T>(log, after, _store, feed, buffer, _options, _history, _outage, _clock, _logger);
            while (true)
            {
                foreach (var item in await reader.NextAsync(ct).ConfigureAwait(false))
                {
                    ct.ThrowIfCancellationRequested();
                    if (_options.TraceDeliveries)
                        LiveTelemetry.TraceDelivery(item.TraceParent, reader.Kind);
                    yield return item;
                }
            }
        }
        finally
        {
            _feeds.Leave(feed, buffer);
        }
    }
}
