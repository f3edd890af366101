using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Shop.Redis.Sessions;
using Shop.Web.Accounts;
using Shop.Web.Carts;

namespace Shop.Web.Sessions;

/// <summary>Begins and ends the session of a browser.</summary>
public sealed class SessionStarter(RedisSessions sessions, IAuthenticationSchemeProvider schemes, ShoppingCarts carts)
{
    /// <summary>
    /// Signs an account in under a new id, and ends the session that the browser had, so that nobody who knew its secret (session
    /// fixation) gets further with it. The framework's handler has looked at the cookie by now and would keep its session's id;
    /// a new handler looks again, and finds it ended.
    /// </summary>
    public async Task BeginAsync(HttpContext context, Account account)
    {
        await context.AuthenticateAsync(SessionCookie.Scheme);
        if (CurrentSession.Of(context) is { } earlier)
            await sessions.RevokeAsync(earlier.Secret, context.RequestAborted);

        var handler = context.RequestServices.GetRequiredService<CookieAuthenticationHandler>();
        await handler.InitializeAsync((await schemes.GetSchemeAsync(SessionCookie.Scheme))!, context);
        await handler.SignInAsync(account.As(SessionCookie.Scheme), new AuthenticationProperties { IsPersistent = true });
        await carts.TakeAlongAsync(context, account.Id);
    }

    /// <summary>Signs out: ends the session and takes the cookie back. Nothing to do without one.</summary>
    public static Task EndAsync(HttpContext context) => context.SignOutAsync(SessionCookie.Scheme);
}
