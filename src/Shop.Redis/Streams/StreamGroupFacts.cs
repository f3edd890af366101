namespace Shop.Redis.Streams;

/// <summary>What an operator asks about a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Length">Entries in the stream, read or not.</param>
/// <param name="DeadLetters">Entries on its dead-letter stream, of all groups.</param>
/// <param name="Groups">Its groups.</param>
public sealed record StreamFacts(string Stream, long Length, long DeadLetters, IReadOnlyList<StreamGroupFacts> Groups);

/// <summary>What an operator asks about a consumer group.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Group">The group.</param>
/// <param name="Length">Entries in the stream, read or not.</param>
/// <param name="Lag">Entries that the group has not read; null when Redis cannot say (after deletions in the middle).</param>
/// <param name="Pending">Entries read but not acknowledged.</param>
/// <param name="OldestPendingAge">How long the oldest of those has been in the stream, by Redis's clock; zero when there is none. A small lag with a growing age is a stuck handler.</param>
/// <param name="Consumers">Consumers, living or not yet removed.</param>
public sealed record StreamGroupFacts(string Stream, string Group, long Length, long? Lag, long Pending, TimeSpan OldestPendingAge, int Consumers);
