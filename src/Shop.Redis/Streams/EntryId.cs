using System.Globalization;
using System.Runtime.InteropServices;

namespace Shop.Redis.Streams;

/// <summary>An entry's id as Redis orders it: milliseconds, then sequence.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntryId(ulong Milliseconds, ulong Sequence) : IComparable<EntryId>
{
    public static EntryId Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return dash < 0
            ? new EntryId(ulong.Parse(id, CultureInfo.InvariantCulture), 0)
            : new EntryId(ulong.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture), ulong.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }

    public int CompareTo(EntryId other)
    {
        var byTime = Milliseconds.CompareTo(other.Milliseconds);
        return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}-{Sequence}");
}
