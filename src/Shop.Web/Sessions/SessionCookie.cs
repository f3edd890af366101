using Microsoft.AspNetCore.Authentication.Cookies;

namespace Shop.Web.Sessions;

/// <summary>The scheme of those who signed in, and what their cookie looks like.</summary>
internal static class SessionCookie
{
    /// <summary>The scheme, and the authentication type of its users.</summary>
    public const string Scheme = "Session";

    /// <summary>
    /// The name and the flags of a cookie. Outside Development it is <c>__Host-</c> and Secure, whatever proxy ends TLS. In
    /// Development the shop is on http://localhost, where curl would neither keep nor send such a cookie.
    /// </summary>
    public static void Harden(CookieBuilder cookie, string name, bool development)
    {
        cookie.Name = development ? name : $"__Host-{name}";
        cookie.SecurePolicy = development ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.HttpOnly = true;
        cookie.Path = "/";
    }

    /// <summary>
    /// The cookie of the forms' anti-forgery tokens. Where the policy is Always, the framework refuses to draw a form for a request
    /// that reached it without TLS, as all do behind a proxy that ends TLS and does not say so: the flag is set without the policy.
    /// </summary>
    public static CookieBuilder OfForms(bool development)
    {
        var cookie = development ? new CookieBuilder() : new SecureCookie();
        Harden(cookie, "shop-forms", development);
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.IsEssential = true;
        return cookie;
    }

    /// <summary>The browser keeps the cookie as long as any session can live; when it ends is the session store's to say.</summary>
    public static void Configure(CookieAuthenticationOptions options, SessionTickets tickets, TimeSpan maxAge, bool development)
    {
        Harden(options.Cookie, "shop-session", development);
        options.ExpireTimeSpan = maxAge;
        options.SlidingExpiration = false;
        options.SessionStore = tickets;
        options.LoginPath = "/sign-in";
        options.ReturnUrlParameter = "return";
        options.Events.OnRedirectToAccessDenied = static denied =>
        {
            denied.Response.StatusCode = StatusCodes.Status403Forbidden; // a page says so, where it was asked for
            return Task.CompletedTask;
        };
    }

    private sealed class SecureCookie : CookieBuilder
    {
        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var options = base.Build(context, expiresFrom);
            options.Secure = true;
            return options;
        }
    }
}
