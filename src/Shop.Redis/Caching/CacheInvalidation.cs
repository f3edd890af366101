namespace Shop.Redis.Caching;

/// <summary>What has changed at the source, committed already.</summary>
public sealed record CacheInvalidation
{
    /// <summary>Keys whose entries are old now.</summary>
    public IReadOnlyCollection<string> Keys { get; init; } = [];

    /// <summary>Tags: every entry that has one of them is old now. <c>*</c> is everything.</summary>
    public IReadOnlyCollection<string> Tags { get; init; } = [];

    /// <summary>
    /// Names the change, where it may be announced twice (an event that is delivered at least once): the second time does nothing,
    /// unless the key or tag was invalidated for another reason in between. At most 100 characters. Null: a new change.
    /// </summary>
    public string? Change { get; init; }
}
