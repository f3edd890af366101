using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// Appends messages to streams. The messages of one call go out together, in one pipelined transaction, so that they stand in the
/// stream in the order of the call, without gap: a connection that breaks in the middle cannot append the later ones and lose the
/// earlier. One PUBLISH follows and wakes sleeping consumers. Concurrent callers share the connection and its pipeline. At least
/// once: a call that fails may have appended its messages all the same, and the caller appends them again under the same message ids.
/// </summary>
/// <remarks>Redis commands: MULTI, XADD, EXEC, PUBLISH. A wipe costs what is in the stream; a writer with an outbox appends it again.</remarks>
public sealed class StreamProducer
{
    private readonly IDatabase _database;
    private readonly string _keyPrefix;
    private readonly ConcurrentDictionary<string, StreamKeys> _keys = new(StringComparer.Ordinal);

    /// <summary>Uses the connection; nothing is sent until the first append.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="keyPrefix">Put before every key, for example <c>shop:</c>.</param>
    /// <param name="options">Defaults when null.</param>
    public StreamProducer(IConnectionMultiplexer redis, string keyPrefix, StreamProducerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentNullException.ThrowIfNull(keyPrefix);
        (options ?? new StreamProducerOptions()).Validate();
        _database = redis.GetDatabase();
        _keyPrefix = keyPrefix;
    }

    /// <summary>Appends one message and answers its entry id.</summary>
    /// <exception cref="RedisException">Redis did not take it, or did not say so.</exception>
    public async Task<string> AppendAsync(string stream, StreamMessage message, CancellationToken ct = default) =>
        (await AppendAsync(stream, [message], ct).ConfigureAwait(false))[0];

    /// <summary>Appends messages in their order and answers their entry ids, one for each.</summary>
    /// <exception cref="RedisException">Redis did not take them, or did not say so: append them again under the same message ids.</exception>
    public async Task<string[]> AppendAsync(string stream, IReadOnlyList<StreamMessage> messages, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ct.ThrowIfCancellationRequested();
        if (messages.Count == 0)
            return [];

        using var activity = StreamTelemetry.StartPublish(stream, messages.Count);
        var keys = _keys.GetOrAdd(stream, static (name, prefix) => new StreamKeys(prefix, name, partition: 0), _keyPrefix);
        var sending = messages.Count == 1 ? AppendOneAsync(keys.Stream, messages[0], activity) : AppendTogetherAsync(keys.Stream, messages, activity);
        _database.Publish(keys.Wake, RedisValue.EmptyString, CommandFlags.FireAndForget);

        var ids = await sending.WaitAsync(ct).ConfigureAwait(false);
        StreamTelemetry.CountSent(stream, ids.Length);
        return Array.ConvertAll(ids, static id => id.ToString());
    }

    private async Task<RedisValue[]> AppendOneAsync(RedisKey stream, StreamMessage message, Activity? activity) =>
        [await _database.StreamAddAsync(stream, Encode(message, activity)).ConfigureAwait(false)];

    private async Task<RedisValue[]> AppendTogetherAsync(RedisKey stream, IReadOnlyList<StreamMessage> messages, Activity? activity)
    {
        var transaction = _database.CreateTransaction();
        var appends = new Task<RedisValue>[messages.Count];
        for (var i = 0; i < appends.Length; i++)
            appends[i] = transaction.StreamAddAsync(stream, Encode(messages[i], activity));
        await transaction.ExecuteAsync().ConfigureAwait(false);
        return await Task.WhenAll(appends).ConfigureAwait(false);
    }

    /// <summary>A message that brings no trace of its own belongs to the caller's.</summary>
    private static NameValueEntry[] Encode(StreamMessage message, Activity? activity) =>
        StreamEntryCodec.Encode(message, message.TraceParent ?? (activity is { IdFormat: ActivityIdFormat.W3C } ? activity.Id : null));
}
