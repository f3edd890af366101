namespace Shop.Redis.Live;

/// <summary>One item of a log.</summary>
/// <param name="Cursor">The place after this item: hand it to the client, who goes on from there.</param>
/// <param name="Value">What was appended. All readers of one process share the object: do not change it.</param>
/// <typeparam name="T">The items of the log.</typeparam>
public sealed record LiveItem<T>(LiveCursor Cursor, T Value)
{
    /// <summary>
    /// The W3C trace context that was current when the item was appended; null without one, and for an item that came from the
    /// history.
    /// </summary>
    public string? TraceParent { get; init; }
}
