namespace Shop.Archiving.Auditing;

/// <summary>How an archive stands.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="AuditedUntil">Everything that happened before is compared.</param>
/// <param name="Age">How far that is behind now, by the database's clock.</param>
/// <param name="Windows">Kept results (of windows that had events).</param>
/// <param name="Events">Events in them.</param>
/// <param name="Missing">Of these, not in Kafka when they were looked at.</param>
/// <param name="Repaired">Of those, in Kafka now. Fewer than <paramref name="Missing"/>: some cannot be archived, and the log says which.</param>
/// <param name="Unknown">In Kafka, but not in the outbox.</param>
public sealed record ArchiveStatus(string Stream, DateTimeOffset AuditedUntil, TimeSpan Age, long Windows, long Events, long Missing, long Repaired, long Unknown);
