namespace Shop.Archiving.Auditing;

/// <summary>What an audit found in one window of a stream. Everything is archived when <see cref="Missing"/> equals <see cref="Repaired"/> and nothing is under way.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="From">The events' own time, from then on.</param>
/// <param name="To">And before then.</param>
/// <param name="Events">How many the outbox has.</param>
/// <param name="Hash">The exclusive-or of their hashes, over id, type, key and data.</param>
/// <param name="Missing">How many of them Kafka did not have though the archiver was done with them.</param>
/// <param name="Repaired">How many of those it has now.</param>
/// <param name="Unknown">How many it has that the outbox does not.</param>
/// <param name="UnderWay">How many Kafka does not have yet, because they wait in the outbox or in the stream: the window is looked at again. Zero in the results that are kept.</param>
/// <param name="AuditedAt">When; by the database's clock in the results that are kept.</param>
public sealed record AuditedWindow(
    string Stream, DateTimeOffset From, DateTimeOffset To, long Events, long Hash, long Missing, long Repaired, long Unknown, long UnderWay, DateTimeOffset AuditedAt);
