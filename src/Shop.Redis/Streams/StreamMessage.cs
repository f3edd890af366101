namespace Shop.Redis.Streams;

/// <summary>One event, as it stands in a stream entry. A person reads it with <c>XRANGE</c>: the fields are id, type, key, time, traceparent and data.</summary>
/// <param name="Id">The event's own id: the same in every copy of the event. Consumers tell repeats by it.</param>
/// <param name="Type">What happened, for example <c>OrderPlaced</c>.</param>
/// <param name="Key">Whom it concerns: events of one key are handled in their order. Any string; empty is a key too.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="Data">The event as JSON in UTF-8.</param>
/// <param name="TraceParent">The W3C trace context that the event belongs to, or null.</param>
public sealed record StreamMessage(Guid Id, string Type, string Key, DateTimeOffset Time, ReadOnlyMemory<byte> Data, string? TraceParent = null);

/// <summary>A message as it reaches a handler.</summary>
/// <param name="Stream">The stream's name, without prefix and partition.</param>
/// <param name="Group">The consumer group.</param>
/// <param name="EntryId">The entry's id in Redis, for example <c>1719230400000-0</c>.</param>
/// <param name="Attempt">1 for the first delivery; counted in Redis before the handler runs, so that a message which kills its process is counted too.</param>
/// <param name="Message">The message.</param>
public sealed record StreamDelivery(string Stream, string Group, string EntryId, int Attempt, StreamMessage Message);

/// <summary>
/// Handles one message. Returning acknowledges it; throwing leaves it pending, to be tried again after a back-off and, after
/// <see cref="StreamConsumerGroupOptions.MaxDeliveries"/>, to be moved to the dead-letter stream. A message may come more than
/// once (a crash, a failover, a refilled stream): effects must be idempotent.
/// </summary>
/// <param name="delivery">The message.</param>
/// <param name="cancellationToken">Cancelled when the consumer shuts down and the handler has used up <see cref="StreamConsumerGroupOptions.DrainTimeout"/>.</param>
public delegate ValueTask StreamHandler(StreamDelivery delivery, CancellationToken cancellationToken);
