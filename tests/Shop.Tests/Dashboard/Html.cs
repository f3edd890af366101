using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>Looks into the text of a page.</summary>
internal static class Html
{
    public static int Count(string page, string part) => page.Split(part).Length - 1;

    /// <summary>From the first occurrence of <paramref name="from"/> to the next of <paramref name="to"/>, or to the end.</summary>
    public static string Part(string page, string from, string to)
    {
        var start = page.IndexOf(from, StringComparison.Ordinal);
        Assert.True(start >= 0, $"'{from}' is missing.");
        var end = page.IndexOf(to, start + from.Length, StringComparison.Ordinal);
        return end < 0 ? page[start..] : page[start..end];
    }

    public static void AssertOrder(string page, params string[] parts)
    {
        var at = 0;
        foreach (var part in parts)
        {
            var next = page.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(next >= 0, $"'{part}' is missing after position {at}.");
            at = next + part.Length;
        }
    }
}
