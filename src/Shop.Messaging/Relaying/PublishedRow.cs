namespace Shop.Messaging.Relaying;

/// <summary>A row that Redis has confirmed.</summary>
/// <param name="Position">The row's place in the outbox.</param>
/// <param name="EntryId">The entry that holds it.</param>
internal readonly record struct PublishedRow(long Position, string EntryId);
