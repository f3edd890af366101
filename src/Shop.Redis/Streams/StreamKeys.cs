using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// Every key of a stream's partition. They share the hash tag <c>{partition}</c>, so that a script may touch them together on a
/// Redis Cluster.
/// </summary>
internal sealed class StreamKeys
{
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
    }

    /// <summary>STREAM, no expiry, trimmed to what no group needs. Its loss costs what its writer cannot append again (with an outbox: nothing).</summary>
    public RedisKey Stream { get; }

    /// <summary>STREAM, no expiry, trimmed by people (<see cref="StreamDeadLetters"/>). Its loss costs the chance to put dead entries back.</summary>
    public RedisKey Dead { get; }

    /// <summary>HASH group → when a consumer of it was last alive (ms). No expiry. Its loss starts the grace period of absent groups anew.</summary>
    public RedisKey Groups { get; }

    /// <summary>Pub/Sub channel: "there is something to read". A lost message costs one poll interval.</summary>
    public RedisChannel Wake { get; }
}
