using System.Collections.Concurrent;

namespace Shop.Dashboard.Otlp;

/// <summary>
/// Keeps one copy of the short texts that come again and again: attribute keys, routes, statements, table names. Most of what a
/// store full of spans would weigh is such copies. Bounded: once it is full, what is not in it is left as it came.
/// </summary>
internal static class StringPool
{
    private const int Capacity = 20_000;
    private const int MaxLength = 200;

    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);
    private static int _count;

    public static string Share(string text)
    {
        if (text.Length is 0 or > MaxLength)
            return text;
        if (Texts.TryGetValue(text, out var known))
            return known;
        if (Volatile.Read(ref _count) < Capacity && Texts.TryAdd(text, text))
            Interlocked.Increment(ref _count);
        return text;
    }
}
