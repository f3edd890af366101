using Shop.Redis.Sessions;

namespace Shop.Web.Sessions;

/// <summary>The session that a request's cookie opened: a feature of the request, so that the secret stays out of claims and logs.</summary>
internal sealed record CurrentSession(string Secret, Session Session)
{
    public override string ToString() => $"CurrentSession {Session.Id}";

    /// <summary>The session of this request; null without a cookie, or with one that opens nothing.</summary>
    public static CurrentSession? Of(HttpContext context) => context.Features.Get<CurrentSession>();
}
