using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Shop.Web.Tokens;

/// <summary>The scheme of scripts: <c>Authorization: Bearer shop_…</c>.</summary>
public sealed class TokenAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenStore tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme, and the authentication type of its users.</summary>
    public new const string Scheme = "Token";

    private const string Bearer = "Bearer ";

    /// <summary>Whether a request brings a token, good or bad; its cookie does not count then.</summary>
    public static bool IsMeant(HttpContext context) => context.Request.Headers.Authorization.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);

    /// <summary>The hash of a request's token; null when it is malformed.</summary>
    internal static byte[]? HashOf(HttpRequest request) => AccessToken.Hash(request.Headers.Authorization.ToString()[Bearer.Length..].Trim());

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsMeant(Context))
            return AuthenticateResult.NoResult();
        return HashOf(Request) is { } hash && await tokens.FindOwnerAsync(hash, Context.RequestAborted) is { } account
            ? AuthenticateResult.Success(new AuthenticationTicket(account.As(Scheme), Scheme))
            : AuthenticateResult.Fail("No such token.");
    }
}
