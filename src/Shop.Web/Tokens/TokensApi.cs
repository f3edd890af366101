using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Web.Customers;

namespace Shop.Web.Tokens;

/// <summary>Personal access tokens, for scripts. A token may do what its owner may.</summary>
public static class TokensApi
{
    public static RouteGroupBuilder MapTokens(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/api/tokens").WithTags("Accounts").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized);
        tokens.MapPost("/", CreateAsync).WithSummary("Makes a token, which is shown this once; send it as 'Authorization: Bearer …'")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status409Conflict);
        tokens.MapGet("/", ListAsync).WithSummary("My tokens, newest first");
        tokens.MapDelete("/{id:guid}", RevokeAsync).WithSummary("Revokes a token, everywhere at once")
            .ProducesProblem(StatusCodes.Status403Forbidden);
        return tokens;
    }

    private static async Task<Results<Created<NewTokenView>, ValidationProblem, ProblemHttpResult>> CreateAsync(
        TokenRequest request, ClaimsPrincipal user, TokenStore store, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.NameError is { } error)
            return Problems.Field("name", error);
        if (await store.MakeAsync(Guid.Parse(user.Customer()), request.Name!, cancellationToken) is not { } made)
        {
            return Problems.Conflict(
                "The token cannot be made.",
                $"You have a token named '{request.Name!.Trim()}', or {TokenStore.MaxTokens} of them. GET /api/tokens lists yours; revoke one, or choose another name.",
                ("field", "name"));
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created("/api/tokens", made);
    }

    private static async Task<Ok<TokenList>> ListAsync(ClaimsPrincipal user, TokenStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(new TokenList(await store.ListAsync(Guid.Parse(user.Customer()), cancellationToken)));

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(Guid id, ClaimsPrincipal user, TokenStore store, CancellationToken cancellationToken) =>
        await store.RevokeAsync(Guid.Parse(user.Customer()), id, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound($"You have no token {id}. GET /api/tokens lists yours.");
}

/// <summary>What somebody sends to get a token.</summary>
public sealed record TokenRequest([property: Description("What will use it, 1 to 100 characters; yours alone")] string? Name)
{
    /// <summary>The longest name.</summary>
    public const int MaxName = 100;

    /// <summary>What is wrong with the name; null: nothing.</summary>
    internal string? NameError => string.IsNullOrWhiteSpace(Name) || Name.Trim().Length > MaxName || Name.Any(char.IsControl)
        ? string.Create(CultureInfo.InvariantCulture, $"Name the token after what will use it: 1 to {MaxName} characters on one line.")
        : null;
}

/// <summary>A new token, with <paramref name="Token"/> in plain sight: never again.</summary>
public sealed record NewTokenView(string Token, Guid Id, string Name, DateTimeOffset CreatedAt);

/// <summary>A token as its owner sees it; <paramref name="LastUsedAt"/> is right to the minute.</summary>
public sealed record TokenView(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <summary>Tokens, newest first.</summary>
public sealed record TokenList(IReadOnlyList<TokenView> Items);
