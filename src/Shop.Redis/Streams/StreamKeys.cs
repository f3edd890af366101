using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// Every key of a stream's partition. They share the hash tag <c>{partition}</c>, so that a script may touch them together on a
/// Redis Cluster.
/// </summary>
internal sealed class StreamKeys
{
    private readonly string _name;

    public StreamKeys(string prefix, string stream, int partition)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentException.ThrowIfNullOrWhiteSpace(stream);
        if (stream.AsSpan().ContainsAny('{', '}'))
            throw new ArgumentException($"The stream name '{stream}' must not contain braces: they mark the partition.", nameof(stream));
        var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}{stream}:{{{partition}}}");
        Stream = name;
        Dead = $"{name}:dead";
        Groups = $"{name}:groups";
        Wake = RedisChannel.Literal($"{name}:wake");
        _name = name;
    }

    /// <summary>STREAM, no expiry, trimmed to what no group needs. Its loss costs what its writer cannot append again (with an outbox: nothing).</summary>
    public RedisKey Stream { get; }

    /// <summary>STREAM, no expiry, trimmed by people (<see cref="StreamDeadLetters"/>). Its loss costs the chance to put dead entries back.</summary>
    public RedisKey Dead { get; }

    /// <summary>HASH group → when a consumer of it was last alive (ms). No expiry. Its loss starts the grace period of absent groups anew.</summary>
    public RedisKey Groups { get; }

    /// <summary>Pub/Sub channel: "there is something to read". A lost message costs one poll interval.</summary>
    public RedisChannel Wake { get; }

    /// <summary>STRING, the consumer that owns the partition for a group. Expires after <see cref="StreamConsumerGroupOptions.ClaimAfter"/> unless renewed. Its loss lets two consumers work until the next renewal, at most a third of that.</summary>
    public RedisKey Owner(string group) => $"{_name}:owner:{group}";

    /// <summary>Pub/Sub channel: "a consumer of the group left, take over". A lost message costs until the lease or the idle time is up.</summary>
    public RedisChannel HandOver(string group) => RedisChannel.Literal($"{_name}:owner:{group}");
}
