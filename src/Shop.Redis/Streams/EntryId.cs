using System.Globalization;
using System.Runtime.InteropServices;

namespace Shop.Redis.Streams;

/// <summary>An entry's id as Redis orders it: milliseconds, then sequence.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntryId(ulong Milliseconds, ulong Sequence) : IComparable<EntryId>
{
    public static EntryId Parse(string id) =>
        TryParse(id, out var parsed) ? parsed : throw new FormatException($"'{id}' is not an entry id.");

    public static bool TryParse(string id, out EntryId parsed)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        var sequence = 0UL;
        var valid = ulong.TryParse(dash < 0 ? id : id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && (dash < 0 || ulong.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out sequence));
        parsed = new EntryId(milliseconds, sequence);
        return valid;
    }

    public int CompareTo(EntryId other)
    {
        var byTime = Milliseconds.CompareTo(other.Milliseconds);
        return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}-{Sequence}");
}
