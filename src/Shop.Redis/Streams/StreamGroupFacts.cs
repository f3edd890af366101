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
/// <param name="Consumers">Its consumers, living or not yet removed.</param>
public sealed record StreamGroupFacts(string Stream, string Group, long Length, long? Lag, long Pending, TimeSpan OldestPendingAge, IReadOnlyList<StreamConsumerFacts> Consumers);

/// <summary>What an operator asks about a consumer of a group.</summary>
/// <param name="Consumer">Its name; by default the machine's, the process's and a random part.</param>
/// <param name="Pending">Entries that it has read but not acknowledged.</param>
/// <param name="Idle">Since it last asked for entries, by Redis's clock. One that lives asks at least once per poll interval; one that stands by for an ordered partition does not ask.</param>
public sealed record StreamConsumerFacts(string Consumer, long Pending, TimeSpan Idle);
