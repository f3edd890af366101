namespace Shop.Messaging;

/// <summary>A consumer tried to send through MassTransit, whose bus here is in-process and carries nothing. The message says what to do instead.</summary>
public sealed class OutboxOnlyException : InvalidOperationException
{
    internal OutboxOnlyException(string what, string instead)
        : base($"{what} would end in an in-process bus and vanish. {instead}")
    {
    }

    internal static OutboxOnlyException ForMessage(Type? message) => new(
        $"A {message?.Name ?? "message"} that is published, sent or answered through MassTransit",
        "Write it to the outbox, in the transaction of the consumer's effects: await using var tx = await outbox.BeginAsync(ct); … tx.Enqueue(stream, key, message); await tx.CommitAsync(ct).");

    internal static OutboxOnlyException ForRedelivery() => new(
        "A redelivered, deferred or scheduled message",
        "Throw instead: the stream entry stays pending and is delivered again with growing pauses (StreamEndpointConfigurator.Group sets them). For work at a later time, keep the due time in Postgres.");
}
