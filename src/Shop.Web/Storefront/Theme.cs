namespace Shop.Web.Storefront;

/// <summary>Light or dark as the customer chose it, in a cookie, so that a page never flashes in the wrong colours; the system decides until then.</summary>
internal static class Theme
{
    private const string Cookie = "shop-theme";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary><c>light</c>, <c>dark</c>, or null while the customer has not chosen.</summary>
    public static string? Of(HttpContext context) => Known(context.Request.Cookies[Cookie]);

    /// <summary>Remembers the choice; anything but light and dark forgets it.</summary>
    public static void Choose(HttpContext context, string? theme)
    {
        if (Known(theme) is { } known)
        {
            // Readable by script: the toggle changes it without a request.
            context.Response.Cookies.Append(Cookie, known, new CookieOptions { MaxAge = Lifetime, SameSite = SameSiteMode.Lax, Path = "/", Secure = context.Request.IsHttps });
        }
        else
        {
            context.Response.Cookies.Delete(Cookie);
        }
    }

    private static string? Known(string? theme) => theme is "light" or "dark" ? theme : null;
}
