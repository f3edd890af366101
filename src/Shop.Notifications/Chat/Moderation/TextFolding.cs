using System.Collections.Frozen;
using System.Text;

namespace Shop.Notifications.Chat.Moderation;

/// <summary>
/// Reduces a text to its bare words: lower case, without accents or invisible characters, one space around each. The table is
/// ours because .NET normalises nothing when it runs without ICU, as the services do.
/// </summary>
internal static class TextFolding
{
    private static readonly FrozenDictionary<Rune, string> Plain = ReadTable();

    /// <summary><c>" cafe au lait "</c> for <c>Café-au-LAIT!</c>; a single space for a text without words.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length + 2).Append(' ');
        foreach (var rune in text.EnumerateRunes())
        {
            var lower = Rune.ToLowerInvariant(rune);
            if (Plain.TryGetValue(lower, out var plain))
                folded.Append(plain);
            else if (Rune.IsLetterOrDigit(lower))
                folded.Append(lower);
            else if (!IsInvisible(lower) && folded[^1] != ' ')
                folded.Append(' ');
        }

        return folded[^1] == ' ' ? folded.ToString() : folded.Append(' ').ToString();
    }

    /// <summary>Marks and formatting, which divide no word.</summary>
    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark
        or System.Globalization.UnicodeCategory.EnclosingMark or System.Globalization.UnicodeCategory.Format;

    private static FrozenDictionary<Rune, string> ReadTable()
    {
        using var resource = typeof(TextFolding).Assembly.GetManifestResourceStream($"{typeof(TextFolding).Namespace}.folding.txt")!;
        using var reader = new StreamReader(resource);
        var table = new Dictionary<Rune, string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            foreach (var letter in line.AsSpan(space + 1).EnumerateRunes())
                table.Add(letter, line[..space]);
        }

        return table.ToFrozenDictionary();
    }
}
