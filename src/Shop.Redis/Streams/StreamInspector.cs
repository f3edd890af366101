using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>Answers what an operator asks about a stream, in one round trip. It reads only, so that it may be pointed at production.</summary>
/// <param name="redis">The connection.</param>
/// <param name="keyPrefix">Put before every key; the producer's.</param>
/// <remarks>Redis commands, in one script: XLEN, XINFO GROUPS, XINFO CONSUMERS, XPENDING.</remarks>
public sealed class StreamInspector(IConnectionMultiplexer redis, string keyPrefix)
{
    private static readonly RedisScript Facts = RedisScript.Load<StreamInspector>("groups.lua", "facts.lua");

    private readonly IDatabase _database = redis.GetDatabase();

    /// <summary>The stream and its groups as they are now; a stream that does not exist is empty and has none.</summary>
    /// <param name="stream">The stream's name, without prefix and partition.</param>
    /// <param name="ct">Stops the waiting.</param>
    public async Task<StreamFacts> InspectAsync(string stream, CancellationToken ct = default)
    {
        var keys = new StreamKeys(keyPrefix, stream, partition: 0);
        var reply = (RedisResult[])(await Facts.EvaluateAsync(_database, [keys.Stream, keys.Dead], []).WaitAsync(ct).ConfigureAwait(false))!;
        var length = (long)reply[0];
        return new StreamFacts(stream, length, (long)reply[1], Array.ConvertAll((RedisResult[])reply[2]!, group => ToFacts(stream, length, (RedisResult[])group!)));
    }

    private static StreamGroupFacts ToFacts(string stream, long length, RedisResult[] reply) => new(
        stream,
        (string)reply[0]!,
        length,
        (long)reply[1] is >= 0 and var lag ? lag : null,
        (long)reply[2],
        TimeSpan.FromMilliseconds((long)reply[3]),
        Array.ConvertAll((RedisResult[])reply[4]!, static consumer => ToFacts((RedisResult[])consumer!)));

    private static StreamConsumerFacts ToFacts(RedisResult[] reply) => new((string)reply[0]!, (long)reply[1], TimeSpan.FromMilliseconds((long)reply[2]));
}
