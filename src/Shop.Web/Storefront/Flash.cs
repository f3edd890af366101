using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Shop.Web.Storefront;

/// <summary>A sentence for the next page, after a form that leads there: what was done. Travels in a cookie, so that any replica shows it.</summary>
internal static class Flash
{
    private const string Cookie = "shop-flash";
    private const int MaxLength = 500;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>Says it on the next page.</summary>
    public static void Say(HttpContext context, string text) => context.Response.Cookies.Append(
        Cookie,
        WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(text)),
        new CookieOptions { MaxAge = Lifetime, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", Secure = context.Request.IsHttps });

    /// <summary>What there is to say, once; null: nothing.</summary>
    public static string? Take(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 and <= MaxLength } value)
            return null;
        context.Response.Cookies.Delete(Cookie);
        try
        {
            return Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(value));
        }
        catch (FormatException)
        {
            return null; // nothing that the shop wrote
        }
    }
}
