using Microsoft.AspNetCore.Authentication;

namespace Shop.Web.Tokens;

internal static class TokenServices
{
    /// <summary>The scheme <see cref="TokenAuthentication.Scheme"/>.</summary>
    public static AuthenticationBuilder AddTokens(this AuthenticationBuilder authentication)
    {
        authentication.Services.AddSingleton<TokenStore>();
        return authentication.AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.Scheme, null);
    }
}
