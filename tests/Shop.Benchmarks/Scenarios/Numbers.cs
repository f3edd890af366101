using System.Globalization;

namespace Shop.Benchmarks.Scenarios;

/// <summary>Names made beforehand, so that no side pays for making them.</summary>
internal static class Numbers
{
    public static string[] Of(string prefix, int count) => [.. Enumerable.Range(0, count).Select(number => prefix + number.ToString(CultureInfo.InvariantCulture))];

    public static string Any(this string[] names) => names[Random.Shared.Next(names.Length)];
}
