using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Redis.Sessions;
using Shop.Web.Accounts;
using Shop.Web.Customers;

namespace Shop.Web.Sessions;

/// <summary>Signing in and out, and a look at where one is signed in.</summary>
public static class SessionsApi
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var session = routes.MapGroup("/api/session").WithTags("Accounts");
        session.MapPost("/", SignInAsync).WithSummary("Signs in, with a cookie")
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status429TooManyRequests);
        session.MapGet("/", WhoAmI).RequireAuthorization().WithSummary("Who I am")
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        session.MapDelete("/", (Delegate)SignOutAsync).WithSummary("Signs out; also when nobody was signed in")
            .ProducesProblem(StatusCodes.Status403Forbidden);

        var sessions = routes.MapGroup("/api/sessions").WithTags("Accounts").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        sessions.MapGet("/", ListAsync).WithSummary("Where I am signed in, the last seen first");
        sessions.MapDelete("/{id:guid}", RevokeAsync).WithSummary("Signs one of them out, everywhere at once")
            .ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private static async Task<Results<Ok<AccountView>, ValidationProblem, ProblemHttpResult>> SignInAsync(
        SignInRequest request, SignIns signIns, HttpContext context, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Email))
            return Problems.Field("email", "Send the e-mail address of your account.");
        if (string.IsNullOrEmpty(request.Password) || request.Password.Length > SignUpRequest.MaxPassword)
            return Problems.Field("password", $"Send the password of your account; none has more than {SignUpRequest.MaxPassword} characters.");
        var result = await signIns.TryAsync(context, request.Email, request.Password, cancellationToken);
        return result.Account is { } account ? TypedResults.Ok(AccountView.Of(account)) : result.Refusal!;
    }

    private static Ok<AccountView> WhoAmI(ClaimsPrincipal user) =>
        TypedResults.Ok(new AccountView(Guid.Parse(user.Customer()), user.FindFirstValue(ClaimTypes.Email)!, user.Identity!.Name!, user.IsInRole(Operators.Role)));

    private static async Task<NoContent> SignOutAsync(HttpContext context)
    {
        await SessionStarter.EndAsync(context);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<SessionList>> ListAsync(ClaimsPrincipal user, HttpContext context, RedisSessions sessions, CancellationToken cancellationToken)
    {
        var current = CurrentSession.Of(context)?.Session.Id;
        var living = await sessions.ListAsync(user.Customer(), cancellationToken);
        return TypedResults.Ok(new SessionList([.. living.Select(session => SessionView.Of(session, session.Id == current))]));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid id, ClaimsPrincipal user, HttpContext context, RedisSessions sessions, CancellationToken cancellationToken)
    {
        if (!await sessions.RevokeAsync(user.Customer(), id, cancellationToken))
            return Problems.NotFound($"You have no session {id}. GET /api/sessions lists yours.");
        if (CurrentSession.Of(context)?.Session.Id == id)
            await SessionStarter.EndAsync(context); // its cookie opens nothing any more
        return TypedResults.NoContent();
    }
}

/// <summary>What somebody sends to sign in.</summary>
public sealed record SignInRequest(string? Email, string? Password);

/// <summary>A place where an account is signed in; <paramref name="Current"/> is the one that asks.</summary>
public sealed record SessionView(
    Guid Id, string? Device, string? Address, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt, bool Current)
{
    public static SessionView Of(Session session, bool current) =>
        new(session.Id, session.Device, session.Address, session.CreatedAt, session.LastSeenAt, session.ExpiresAt, current);
}

/// <summary>Sessions, the last seen first.</summary>
public sealed record SessionList(IReadOnlyList<SessionView> Items);
