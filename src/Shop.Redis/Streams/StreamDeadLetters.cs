using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>A message that a group could not handle.</summary>
/// <param name="Id">The dead entry's own id; what <see cref="StreamDeadLetters.PutBackAsync"/> takes.</param>
/// <param name="Group">The group that failed.</param>
/// <param name="EntryId">The entry's id on the stream.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Exception">The last exception with its stack, or null.</param>
/// <param name="Deliveries">How often it was delivered.</param>
/// <param name="DiedAt">When it was given up, UTC.</param>
/// <param name="Message">The message; null when the entry is no event.</param>
public sealed record DeadLetter(string Id, string Group, string EntryId, string Reason, string? Exception, int Deliveries, DateTimeOffset DiedAt, StreamMessage? Message);

/// <summary>The dead letters of streams: look at them, put them back, drop them.</summary>
/// <param name="redis">The connection.</param>
/// <param name="keyPrefix">Put before every key; the producer's.</param>
public sealed class StreamDeadLetters(IConnectionMultiplexer redis, string keyPrefix)
{
    private static readonly RedisScript PutBack = RedisScript.Load<StreamDeadLetters>("put-back.lua");

    private readonly IDatabase _database = redis.GetDatabase();

    /// <summary>Dead letters of a stream, oldest first, after the dead letter <paramref name="after"/>. Redis command: XRANGE.</summary>
    /// <param name="stream">The stream's name, without <c>:dead</c>.</param>
    /// <param name="after">The <see cref="DeadLetter.Id"/> of the last one seen, or null to begin.</param>
    /// <param name="take">1 or more.</param>
    /// <param name="ct">Stops the waiting.</param>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(string stream, string? after = null, int take = 100, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(take, 1);
        var entries = await _database.StreamRangeAsync(Keys(stream).Dead, after is null ? "-" : $"({after}", "+", take).WaitAsync(ct).ConfigureAwait(false);
        return Array.ConvertAll(entries, Read);
    }

    /// <summary>One dead letter, or null when there is none of that id. Redis command: XRANGE.</summary>
    public async Task<DeadLetter?> GetAsync(string stream, string id, CancellationToken ct = default)
    {
        var entries = await _database.StreamRangeAsync(Keys(stream).Dead, id, id, count: 1).WaitAsync(ct).ConfigureAwait(false);
        return entries.Length == 0 ? null : Read(entries[0]);
    }

    /// <summary>
    /// Appends the message to its stream again, under the same event id, for the group that failed, with its deliveries counted
    /// from one; and removes it from the dead. Other groups pass it over. Answers the new entry's id, or null when there is no such dead letter.
    /// </summary>
    public async Task<string?> PutBackAsync(string stream, string id, CancellationToken ct = default)
    {
        var keys = Keys(stream);
        var result = await PutBack.EvaluateAsync(_database, [keys.Stream, keys.Dead], [id, keys.Wake.ToString()]).WaitAsync(ct).ConfigureAwait(false);
        return result.IsNull ? null : (string?)result;
    }

    /// <summary>Removes a dead letter for good. False when there is none of that id. Redis command: XDEL.</summary>
    public async Task<bool> DropAsync(string stream, string id, CancellationToken ct = default) =>
        await _database.StreamDeleteAsync(Keys(stream).Dead, [id]).WaitAsync(ct).ConfigureAwait(false) == 1;

    /// <summary>How many there are. Redis command: XLEN.</summary>
    public Task<long> CountAsync(string stream, CancellationToken ct = default) => _database.StreamLengthAsync(Keys(stream).Dead).WaitAsync(ct);

    private StreamKeys Keys(string stream) => new(keyPrefix, stream, partition: 0);

    private static DeadLetter Read(StreamEntry entry)
    {
        StreamEntryCodec.TryDecode(entry.Values, out var message, out _, out _);
        return new DeadLetter(
            entry.Id.ToString(),
            entry["dead-group"].ToString(),
            entry["dead-entry"].ToString(),
            entry["dead-reason"].ToString(),
            entry["dead-exception"] is { IsNullOrEmpty: false } exception ? exception.ToString() : null,
            entry["dead-deliveries"].TryParse(out int deliveries) ? deliveries : 0,
            DateTimeOffset.FromUnixTimeSeconds(entry["dead-at"].TryParse(out long diedAt) ? diedAt : 0),
            message);
    }
}
