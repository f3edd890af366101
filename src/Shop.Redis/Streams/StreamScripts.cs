using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>The block's scripts with typed arguments, bound to one stream and group.</summary>
internal sealed class StreamScripts(IDatabaseAsync database, StreamKeys keys, string group)
{
    private static readonly RedisScript Recount = RedisScript.Load<StreamScripts>("recount.lua");
    private static readonly RedisScript DeadLetter = RedisScript.Load<StreamScripts>("dead-letter.lua");
    private static readonly RedisScript RemoveConsumer = RedisScript.Load<StreamScripts>("remove-consumer.lua");
    private static readonly RedisScript HandBack = RedisScript.Load<StreamScripts>("hand-back.lua");
    private static readonly RedisScript Tidy = RedisScript.Load<StreamScripts>("tidy.lua");

    /// <summary>Counts a further delivery; 0 when the entry is no longer <paramref name="consumer"/>'s.</summary>
    public async Task<int> RecountAsync(string consumer, string entryId) =>
        (int)await Recount.EvaluateAsync(database, [keys.Stream], [group, consumer, entryId]).ConfigureAwait(false);

    /// <summary>False when the entry was not pending any more.</summary>
    public async Task<bool> DeadLetterAsync(string entryId, string reason, Exception? exception, int deliveries) =>
        !(await DeadLetter.EvaluateAsync(database, [keys.Stream, keys.Dead], [group, entryId, reason, exception?.ToString() ?? "", deliveries]).ConfigureAwait(false)).IsNull;

    /// <summary>False when the consumer has pending entries.</summary>
    public async Task<bool> RemoveConsumerAsync(string consumer) =>
        (bool)await RemoveConsumer.EvaluateAsync(database, [keys.Stream], [group, consumer]).ConfigureAwait(false);

    /// <summary>Makes entries of <paramref name="consumer"/> look idle for <paramref name="idle"/>; answers how many.</summary>
    public async Task<int> HandBackAsync(string consumer, TimeSpan idle, IEnumerable<string> entryIds) =>
        (int)await HandBack.EvaluateAsync(
            database, [keys.Stream], [group, consumer, (long)idle.TotalMilliseconds, .. entryIds.Select(static id => (RedisValue)id)]).ConfigureAwait(false);

    public async Task<TidyResult> TidyAsync(TimeSpan grace, int keep)
    {
        var reply = (RedisResult[])(await Tidy.EvaluateAsync(database, [keys.Stream, keys.Groups], [group, (long)grace.TotalMilliseconds, keep]).ConfigureAwait(false))!;
        var absent = (string)reply[2]!;
        return new TidyResult(
            (long)reply[0],
            (long)reply[1],
            absent.Length == 0 ? [] : absent.Split(','),
            (long)reply[3],
            (string)reply[4]! is { Length: > 0 } id ? EntryId.Parse(id) : null,
            long.Parse((string)reply[5]!, CultureInfo.InvariantCulture) is var lag and >= 0 ? lag : null,
            (int)reply[6]);
    }
}

/// <summary>What a round of housekeeping did and saw.</summary>
internal sealed record TidyResult(long Trimmed, long Length, string[] AbsentGroups, long Pending, EntryId? OldestPending, long? Lag, int Consumers);
