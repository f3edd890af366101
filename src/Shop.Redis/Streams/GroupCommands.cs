using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>Everything that one consumer asks of Redis, in the block's own terms.</summary>
internal sealed class GroupCommands(IDatabase database, StreamKeys keys, string group, string consumer)
{
    private static readonly RedisScript Recount = RedisScript.Load<GroupCommands>("recount.lua");
    private static readonly RedisScript Renew = RedisScript.Load<GroupCommands>("renew.lua");
    private static readonly RedisScript TakeOver = RedisScript.Load<GroupCommands>("take-over.lua");
    private static readonly RedisScript HandBack = RedisScript.Load<GroupCommands>("hand-back.lua");
    private static readonly RedisScript Hold = RedisScript.Load<GroupCommands>("hold.lua");
    private static readonly RedisScript Release = RedisScript.Load<GroupCommands>("release.lua");
    private static readonly RedisScript DeadLetter = RedisScript.Load<GroupCommands>("dead-letter.lua");
    private static readonly RedisScript RemoveConsumer = RedisScript.Load<GroupCommands>("remove-consumer.lua");
    private static readonly RedisScript Tidy = RedisScript.Load<GroupCommands>("groups.lua", "tidy.lua");

    private readonly RedisKey[] _stream = [keys.Stream];
    private readonly RedisKey _owner = keys.Owner(group);
    private readonly RedisValue _handOver = keys.HandOver(group).ToString();

    /// <summary>Entries that no consumer of the group has been given yet. Never blocks: the connection is shared.</summary>
    public Task<StreamEntry[]> ReadNewAsync(int count) =>
        database.StreamReadGroupAsync(keys.Stream, group, consumer, StreamPosition.NewMessages, count);

    public Task<long> AcknowledgeAsync(RedisValue[] entryIds) => database.StreamAcknowledgeAsync(keys.Stream, group, entryIds);

    /// <summary>Creates the group, and the stream with it. False when another consumer was faster.</summary>
    public async Task<bool> CreateGroupAsync(string from)
    {
        try
        {
            return await database.StreamCreateConsumerGroupAsync(keys.Stream, group, from, createStream: true).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            return false;
        }
    }

    /// <summary>Counts a further delivery; 0 when the entry is not this consumer's any more.</summary>
    public async Task<int> RecountAsync(string entryId) =>
        (int)await Recount.EvaluateAsync(database, _stream, [group, consumer, entryId]).ConfigureAwait(false);

    /// <summary>Keeps entries from looking abandoned; answers those that are not this consumer's any more.</summary>
    public async Task<string[]> RenewAsync(IEnumerable<string> entryIds) =>
        (string[])(await Renew.EvaluateAsync(database, _stream, [group, consumer, .. entryIds.Select(static id => (RedisValue)id)]).ConfigureAwait(false))!;

    /// <summary>Makes one page of entries that were idle for <paramref name="idle"/> this consumer's; and says where the next page begins, or null.</summary>
    public async Task<(StreamEntry[] Entries, string? Next)> TakeOverAsync(TimeSpan idle, string from, int count, bool onlyOwn)
    {
        var reply = (RedisResult[])(await TakeOver.EvaluateAsync(
            database, _stream, [group, consumer, (long)idle.TotalMilliseconds, from, count, onlyOwn ? consumer : ""]).ConfigureAwait(false))!;
        return (Array.ConvertAll((RedisResult[])reply[1]!, ToEntry), (string)reply[0]! is { Length: > 0 } next ? next : null);
    }

    /// <summary>Makes all that this consumer holds look idle for <paramref name="idle"/>; answers how many that were.</summary>
    public async Task<int> HandBackAsync(TimeSpan idle, IEnumerable<string> neverBegan) =>
        (int)await HandBack.EvaluateAsync(
            database, _stream, [group, consumer, (long)idle.TotalMilliseconds, .. neverBegan.Select(static id => (RedisValue)id)]).ConfigureAwait(false);

    /// <summary>Takes or renews the lease; zero when it is held now, else how long another's lasts.</summary>
    public async Task<TimeSpan> HoldAsync(TimeSpan lease) =>
        TimeSpan.FromMilliseconds((long)await Hold.EvaluateAsync(database, [_owner], [consumer, (long)lease.TotalMilliseconds]).ConfigureAwait(false));

    /// <summary>Gives the lease up, if held, and wakes those who could take over.</summary>
    public Task ReleaseAsync() => Release.EvaluateAsync(database, [_owner], [consumer, _handOver]);

    /// <summary>False when the entry was not pending any more.</summary>
    public async Task<bool> DeadLetterAsync(string entryId, string reason, string exception, int deliveries) =>
        !(await DeadLetter.EvaluateAsync(database, [keys.Stream, keys.Dead], [group, entryId, reason, exception, deliveries]).ConfigureAwait(false)).IsNull;

    public Task<StreamConsumerInfo[]> ConsumersAsync() => database.StreamConsumerInfoAsync(keys.Stream, group);

    /// <summary>False when the consumer has pending entries.</summary>
    public async Task<bool> RemoveConsumerAsync(string name) =>
        (bool)await RemoveConsumer.EvaluateAsync(database, _stream, [group, name]).ConfigureAwait(false);

    /// <summary>Trims; answers the groups that are past their grace.</summary>
    public async Task<string[]> TidyAsync(TimeSpan grace, int keep)
    {
        var reply = (RedisResult[])(await Tidy.EvaluateAsync(database, [keys.Stream, keys.Groups], [group, (long)grace.TotalMilliseconds, keep]).ConfigureAwait(false))!;
        return (string[])reply[1]!;
    }

    private static StreamEntry ToEntry(RedisResult reply)
    {
        var entry = (RedisResult[])reply!;
        var values = (RedisValue[])entry[1]!;
        var fields = new NameValueEntry[values.Length / 2];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = new NameValueEntry(values[2 * i], values[2 * i + 1]);
        return new StreamEntry((RedisValue)entry[0], fields);
    }
}
