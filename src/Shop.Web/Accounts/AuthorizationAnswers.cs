using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Shop.Web.Accounts;

/// <summary>An API call that may not go on is answered with problem details, never with a redirect; a page leads to the sign-in.</summary>
public sealed class AuthorizationAnswers(IProblemDetailsService problems) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _pages = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded || !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            await _pages.HandleAsync(next, context, policy, authorizeResult);
            return;
        }

        var problem = authorizeResult.Challenged ? WhoAreYou(context) : NotForYou();
        context.Response.StatusCode = problem.Status!.Value;
        await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem });
    }

    private static ProblemDetails WhoAreYou(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return new ProblemDetails
        {
            Status = StatusCodes.Status401Unauthorized,
            Title = "Sign in first.",
            Detail = context.Request.Headers.ContainsKey(HeaderNames.Authorization)
                ? "The Authorization header holds no token that is valid (any more). POST /api/tokens makes one, to be sent as 'Authorization: Bearer shop_…'."
                : "POST /api/session signs in and POST /api/accounts signs up, each with a cookie; scripts send a personal access token as 'Authorization: Bearer shop_…'.",
        };
    }

    private static ProblemDetails NotForYou() => new()
    {
        Status = StatusCodes.Status403Forbidden,
        Title = "This is for operators.",
        Detail = "Your account does not have the role that this needs. Sign in with one that has it.",
    };
}
