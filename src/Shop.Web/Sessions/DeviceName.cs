namespace Shop.Web.Sessions;

/// <summary>What somebody recognises of their own devices: the browser and the system, read off the User-Agent.</summary>
internal static class DeviceName
{
    private const int MaxLength = 40;

    // The first that is named wins: most browsers also name those that they want to be taken for.
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ];

    /// <summary>For example <c>Firefox on Linux</c> or <c>curl</c>; null when the client does not say.</summary>
    public static string? Of(string? userAgent)
    {
        if (string.IsNullOrWhiteSpace(userAgent))
            return null;
        if (Named(Browsers, userAgent) is { } browser)
            return Named(Systems, userAgent) is { } system ? $"{browser} on {system}" : browser;

        var product = userAgent.AsSpan().Trim();
        product = product[..(product.IndexOfAny('/', ' ') is >= 0 and var end ? end : product.Length)];
        return product.Length is > 0 and <= MaxLength && !product.ContainsAnyExceptInRange(' ', '~') ? product.ToString() : null;
    }

    private static string? Named((string Mark, string Name)[] known, string userAgent) =>
        Array.Find(known, one => userAgent.Contains(one.Mark, StringComparison.Ordinal)).Name;
}
