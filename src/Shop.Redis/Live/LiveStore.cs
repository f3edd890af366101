using System.Text.Json;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>The calls to Redis, one round trip each.</summary>
internal sealed class LiveStore<T>(IConnectionMultiplexer redis, LiveKeys keys, LiveLogOptions<T> options)
{
    private readonly IDatabase _database = redis.GetDatabase();
    private readonly long _expiry = (long)options.Expiry.TotalMilliseconds;

    public RedisChannel ChannelOf(string log) => RedisChannel.Literal(keys.Channel(log));

    public async Task AppendAsync(string log, long sequence, T item, long? retracts = null)
    {
        using var activity = LiveTelemetry.StartAppend(LiveTelemetry.Durable);
        await LiveScripts.AppendDurable.EvaluateAsync(_database, [keys.Stream(log)],
            [sequence, JsonSerializer.SerializeToUtf8Bytes(item, options.Json), LiveTelemetry.TraceParent, options.MaxLength, _expiry, keys.Channel(log), retracts ?? RedisValue.EmptyString]).ConfigureAwait(false);
    }

    public async Task<LiveCursor> AppendAsync(string log, T item)
    {
        using var activity = LiveTelemetry.StartAppend(LiveTelemetry.Momentary);
        var id = (string)(await LiveScripts.AppendMomentary.EvaluateAsync(_database, [keys.Stream(log)],
            [JsonSerializer.SerializeToUtf8Bytes(item, options.Json), LiveTelemetry.TraceParent, options.MaxLength, _expiry, keys.Channel(log)]).ConfigureAwait(false))!;
        return LiveCursor.OfEntry(id);
    }

    /// <summary>Up to a page of entries, from the one at <paramref name="from"/> itself, which proves that nothing is missing after it.</summary>
    public Task<StreamEntry[]> ReadAsync(string log, LiveCursor from) =>
        _database.StreamRangeAsync(keys.Stream(log), from == LiveCursor.Start ? "-" : from.EntryId, "+", options.PageSize);

    /// <summary>The last entry's place (<see cref="LiveCursor.Start"/> when there is none), and a new lease of life for a log that is being read.</summary>
    public async Task<LiveCursor> KeepAliveAsync(string log)
    {
        var renewed = _database.KeyExpireAsync(keys.Stream(log), options.Expiry);
        var last = await _database.StreamRangeAsync(keys.Stream(log), "-", "+", 1, Order.Descending).ConfigureAwait(false);
        await renewed.ConfigureAwait(false);
        return last.Length == 0 ? LiveCursor.Start : LiveCursor.OfEntry(last[0].Id!);
    }
}

/// <summary>The scripts, read once for all item types.</summary>
internal sealed class LiveScripts
{
    public static readonly RedisScript AppendDurable = RedisScript.Load<LiveScripts>("append-durable.lua");
    public static readonly RedisScript AppendMomentary = RedisScript.Load<LiveScripts>("append-momentary.lua");
}
