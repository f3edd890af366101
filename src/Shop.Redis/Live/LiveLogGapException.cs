namespace Shop.Redis.Live;

/// <summary>
/// A momentary log cannot go on from a cursor: it was wiped or expired, or items after the cursor were trimmed away. What lies
/// between is lost; the caller decides whether to begin again at <see cref="LiveCursor.Start"/>.
/// </summary>
public sealed class LiveLogGapException : Exception
{
    /// <summary>An exception without a log.</summary>
    public LiveLogGapException()
        : this("A live log has a gap.")
    {
    }

    /// <summary>An exception without a log.</summary>
    /// <param name="message">What happened.</param>
    public LiveLogGapException(string message)
        : base(message)
    {
    }

    /// <summary>An exception without a log.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Its cause.</param>
    public LiveLogGapException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal LiveLogGapException(string log, LiveCursor cursor, string found)
        : base($"The log '{log}' cannot go on after {(cursor == LiveCursor.Start ? "its start" : cursor)}: {found}. Items are lost; read from LiveCursor.Start for what is left.")
    {
        Log = log;
        Cursor = cursor;
    }

    /// <summary>The log.</summary>
    public string Log { get; } = "";

    /// <summary>The last item that the reader has seen.</summary>
    public LiveCursor Cursor { get; }
}
