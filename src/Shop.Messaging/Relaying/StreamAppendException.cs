namespace Shop.Messaging.Relaying;

/// <summary>Redis did not confirm all rows of a sweep; the rest stays in the table.</summary>
internal sealed class StreamAppendException(int confirmed, int rows, Exception cause)
    : Exception($"Redis confirmed {confirmed} of {rows} events; the rest stays in the outbox.", cause);
