using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using ServiceDefaults;
using Shop.Web.Carts;
using Shop.Web.Customers;
using Shop.Web.Keys;
using Shop.Web.Sessions;
using Shop.Web.Tokens;

namespace Shop.Web.Accounts;

internal static class AccountServices
{
    private const string CookieOrToken = "CookieOrToken";

    /// <summary>
    /// Accounts in <c>webdb</c>, and the two ways to be one of them: a session in a cookie, and a token in the Authorization header.
    /// </summary>
    public static WebApplicationBuilder AddAccounts(this WebApplicationBuilder builder)
    {
        builder.AddPostgres("webdb", typeof(Program).Assembly);
        builder.Services
            .AddSharedKeys()
            .AddSingleton<AccountStore>()
            .AddSingleton<CustomerNames>()
            .AddCarts()
            .AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>()
            .AddSingleton<SignUps>()
            .AddSingleton<SignIns>()
            .AddHostedService<DemoAccounts>()
            .AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationAnswers>()
            .AddAuthorization()
            .AddAuthentication(CookieOrToken)
            .AddPolicyScheme(CookieOrToken, null, static either => either.ForwardDefaultSelector = static context =>
                TokenAuthentication.IsMeant(context) ? TokenAuthentication.Scheme : SessionCookie.Scheme)
            .AddSessions()
            .AddTokens();
        return builder;
    }
}
