using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.Web.Accounts;

/// <summary>Accounts: how to get one.</summary>
public static class AccountsApi
{
    public static RouteGroupBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        var accounts = routes.MapGroup("/api/accounts").WithTags("Accounts");
        accounts.MapPost("/", SignUpAsync).WithSummary("Creates an account and signs it in, with a cookie")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status409Conflict);
        return accounts;
    }

    private static async Task<Results<Created<AccountView>, ValidationProblem, ProblemHttpResult>> SignUpAsync(
        SignUpRequest request, SignUps signUps, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Validate() is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors, title: "The account is not valid.");
        return await signUps.TryAsync(context, request, cancellationToken) is { } account
            ? TypedResults.Created("/api/session", AccountView.Of(account))
            : Problems.Conflict("The e-mail address has an account.", "Sign in with POST /api/session, or choose another address.", ("field", "email"));
    }
}

/// <summary>An account as its owner sees it; <paramref name="Id"/> is the <c>customer</c> of leaderboards.</summary>
public sealed record AccountView(Guid Id, string Email, string Name, bool Operator)
{
    public static AccountView Of(Account account) => new(account.Id, account.Email, account.Name, account.Operator);
}
