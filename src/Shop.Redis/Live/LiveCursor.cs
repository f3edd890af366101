using System.Globalization;
using System.Runtime.InteropServices;

namespace Shop.Redis.Live;

/// <summary>
/// A place in a log: everything up to and including <see cref="Sequence"/> was seen. It is what a client keeps (a browser's
/// <c>Last-Event-ID</c>) and gives back to go on from there.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LiveCursor
{
    private LiveCursor(long epoch, long sequence)
    {
        Epoch = epoch;
        Sequence = sequence;
    }

    /// <summary>Before the first item: nothing was seen.</summary>
    public static LiveCursor Start => default;

    /// <summary>The number of the last item seen; 0 for none.</summary>
    public long Sequence { get; }

    /// <summary>Which life of a momentary log the number belongs to (Redis's time in µs at its first item); 0 in a durable log.</summary>
    internal long Epoch { get; }

    /// <summary>The entry's id in the stream: <c>sequence-0</c> in a durable log, <c>epoch-sequence</c> in a momentary one.</summary>
    internal string EntryId => Epoch == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Sequence}-0")
        : string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Sequence}");

    /// <summary>The cursor of a durable log after item <paramref name="sequence"/>.</summary>
    /// <param name="sequence">0 (<see cref="Start"/>) or the number of an item.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static LiveCursor From(long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        return new LiveCursor(0, sequence);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote. False for anything else: a cursor comes from a client.</summary>
    /// <param name="text">For example <c>42</c> or <c>1732460000000000-42</c>.</param>
    /// <param name="cursor">The cursor; <see cref="Start"/> when the answer is false.</param>
    public static bool TryParse(string? text, out LiveCursor cursor) => TryParse(text.AsSpan(), out cursor);

    /// <summary><c>42</c> in a durable log, <c>1732460000000000-42</c> in a momentary one.</summary>
    public override string ToString() => Epoch == 0 ? Sequence.ToString(CultureInfo.InvariantCulture) : EntryId;

    internal static bool TryParse(ReadOnlySpan<char> text, out LiveCursor cursor)
    {
        cursor = default;
        long epoch = 0;
        var dash = text.IndexOf('-');
        if (dash >= 0 && (!TryParseNumber(text[..dash], out epoch) || epoch == 0))
            return false;
        if (!TryParseNumber(text[(dash + 1)..], out var sequence) || (epoch != 0 && sequence == 0))
            return false;
        cursor = new LiveCursor(epoch, sequence);
        return true;
    }

    /// <summary>The cursor after the entry with this id.</summary>
    internal static LiveCursor OfEntry(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        var first = long.Parse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture);
        var second = long.Parse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return second == 0 ? new LiveCursor(0, first) : new LiveCursor(first, second);
    }

    /// <summary>Whether <paramref name="next"/> is the very next item of the same log.</summary>
    internal bool IsFollowedBy(LiveCursor next) => next.Epoch == Epoch && next.Sequence == Sequence + 1;

    private static bool TryParseNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
