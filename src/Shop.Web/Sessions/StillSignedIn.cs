using Shop.Redis.Sessions;
using Shop.Web.Tokens;

namespace Shop.Web.Sessions;

/// <summary>Asks again who sent a request that goes on for hours, such as a live stream: a sign-out ends that too.</summary>
internal sealed class StillSignedIn(RedisSessions sessions, TokenStore tokens)
{
    /// <summary>Whether the session or the token of the request is still good; true also for a request that has none.</summary>
    public async Task<bool> CheckAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (CurrentSession.Of(context) is { } current)
            return await sessions.GetAsync(current.Secret, cancellationToken) is not null;
        return context.User.Identity?.AuthenticationType != TokenAuthentication.Scheme
            || (TokenAuthentication.HashOf(context.Request) is { } hash && await tokens.FindOwnerAsync(hash, cancellationToken) is not null);
    }
}
