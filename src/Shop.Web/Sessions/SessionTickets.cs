using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Shop.Redis.Sessions;

namespace Shop.Web.Sessions;

/// <summary>
/// Cookie authentication's tickets in <see cref="RedisSessions"/>: the cookie holds the session's secret, protected, and nothing
/// else. How long a session lives is the store's to say, and it needs no new cookie for that.
/// </summary>
internal sealed class SessionTickets(RedisSessions sessions) : ITicketStore
{
    private const string Field = "ticket";

    public async Task<string> StoreAsync(AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var begun = await sessions.CreateAsync(
            new NewSession
            {
                User = ticket.Principal.FindFirstValue(ClaimTypes.NameIdentifier)!,
                Device = DeviceName.Of(httpContext.Request.Headers.UserAgent),
                Address = httpContext.Connection.RemoteIpAddress?.ToString(),
                Fields = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [Field] = TicketSerializer.Default.Serialize(ticket) },
            },
            cancellationToken);
        httpContext.Features.Set(new CurrentSession(begun.Secret, begun.Session));
        return begun.Secret;
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        if (await sessions.GetAsync(key, cancellationToken) is not { } session)
            return null;
        httpContext.Features.Set(new CurrentSession(key, session));
        return TicketSerializer.Default.Deserialize(session.Fields[Field].ToArray());
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken) =>
        sessions.WriteAsync(
            key,
            new SessionChanges { Fields = new Dictionary<string, ReadOnlyMemory<byte>?>(StringComparer.Ordinal) { [Field] = TicketSerializer.Default.Serialize(ticket) } },
            cancellationToken);

    public Task RemoveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken) => sessions.RevokeAsync(key, cancellationToken);

    // The handler calls the overloads with the request; these are what is left of an older interface.
    Task<string> ITicketStore.StoreAsync(AuthenticationTicket ticket) => throw new NotSupportedException("A session is begun by a request.");

    Task ITicketStore.RenewAsync(string key, AuthenticationTicket ticket) => throw new NotSupportedException("A session is renewed by a request.");

    Task<AuthenticationTicket?> ITicketStore.RetrieveAsync(string key) => throw new NotSupportedException("A session is looked up by a request.");

    Task ITicketStore.RemoveAsync(string key) => sessions.RevokeAsync(key);
}
