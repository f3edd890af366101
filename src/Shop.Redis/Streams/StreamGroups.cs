using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>What can be asked of a consumer group, and done to it, from outside.</summary>
/// <param name="redis">The connection.</param>
/// <param name="keyPrefix">Put before every key; the producer's.</param>
public sealed class StreamGroups(IConnectionMultiplexer redis, string keyPrefix)
{
    private static readonly RedisScript Progress = RedisScript.Load<StreamGroups>("groups.lua", "progress.lua");
    private static readonly RedisScript Remove = RedisScript.Load<StreamGroups>("groups.lua", "remove-group.lua");

    private readonly IDatabase _database = redis.GetDatabase();

    /// <summary>How far a group has come; null when there is no such group. Redis commands, in one script: XINFO GROUPS, XPENDING.</summary>
    /// <param name="stream">The stream's name, without prefix and partition.</param>
    /// <param name="group">The group.</param>
    /// <param name="ct">Stops the waiting.</param>
    /// <exception cref="RedisException">Redis did not answer.</exception>
    public async Task<GroupProgress?> ProgressAsync(string stream, string group, CancellationToken ct = default)
    {
        var reply = await Progress.EvaluateAsync(_database, [Keys(stream).Stream], [group]).WaitAsync(ct).ConfigureAwait(false);
        if (reply.IsNull)
            return null;
        var ids = (string[])reply!;
        return new GroupProgress(ids[0], ids[1] is { Length: > 0 } pending ? pending : null);
    }

    /// <summary>
    /// Removes a group that nobody consumes any more, so that the stream is trimmed without it at once instead of after
    /// <see cref="StreamConsumerGroupOptions.GroupGrace"/>. Redis commands, in one script: XINFO GROUPS, XGROUP DESTROY, HDEL, DEL.
    /// </summary>
    /// <param name="stream">The stream's name, without prefix and partition.</param>
    /// <param name="group">The group.</param>
    /// <param name="silentFor">How long no consumer may have shown life, by Redis's clock. A living one does so every <see cref="StreamConsumerGroupOptions.JanitorInterval"/>: longer than that. Zero removes it in any case.</param>
    /// <param name="ct">Stops the waiting.</param>
    /// <exception cref="RedisException">Redis did not answer.</exception>
    public async Task<GroupRemoval> RemoveAsync(string stream, string group, TimeSpan silentFor, CancellationToken ct = default)
    {
        var keys = Keys(stream);
        var reply = await Remove.EvaluateAsync(_database, [keys.Stream, keys.Groups, keys.Owner(group)], [group, (long)silentFor.TotalMilliseconds]).WaitAsync(ct).ConfigureAwait(false);
        return (GroupRemoval)(int)reply;
    }

    private StreamKeys Keys(string stream) => new(keyPrefix, stream, partition: 0);
}
