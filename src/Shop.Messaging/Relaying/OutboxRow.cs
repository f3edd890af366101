using Shop.Redis.Streams;

namespace Shop.Messaging.Relaying;

/// <summary>A committed row of the outbox on its way to the stream.</summary>
/// <param name="Position">The row's place in the outbox.</param>
/// <param name="Stream">The stream that it goes to.</param>
/// <param name="Message">What the entry will hold.</param>
/// <param name="Earlier">Positions of earlier rows of the same stream and key that were not known to be published when this one was inserted.</param>
internal sealed record OutboxRow(long Position, string Stream, StreamMessage Message, IReadOnlyList<long> Earlier)
{
    public (string Stream, string Key) Lane => (Stream, Message.Key);
}
