using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.Dashboard.Pages;

/// <summary>
/// Lets in who has the token: with the address that the AppHost prints (<c>/login?t=…</c>), by typing it in, or, for programs, in
/// <c>Authorization: Bearer …</c>. A browser keeps a cookie with what is computed from the token, so that the login outlives a
/// restart as long as the token does; without a token everybody on this machine is let in.
/// </summary>
internal sealed class Login(RequestDelegate next, DashboardOptions options)
{
    private const string Cookie = "shop-dashboard";
    private static readonly string[] Open = ["/login", "/health", "/assets"];

    public Task InvokeAsync(HttpContext context)
    {
        if (options.Token is not { } token || Array.Exists(Open, path => context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal)) || IsLetIn(context.Request, token))
            return next(context);
        var wantsPage = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
        return wantsPage
            ? TypedResults.LocalRedirect($"/login?to={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)}").ExecuteAsync(context)
            : TypedResults.Problem("Log in at /login, or send the token as Authorization: Bearer.", statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(context);
    }

    /// <summary>Answers a token that was handed in: the cookie and the way to the page that was asked for, or null.</summary>
    public static RedirectHttpResult? TryEnter(HttpContext context, string? handedIn, string? to)
    {
        var token = context.RequestServices.GetRequiredService<DashboardOptions>().Token;
        if (token is not null && !Equal(handedIn ?? "", token))
            return null;
        if (token is not null)
            context.Response.Cookies.Append(Cookie, Proof(token), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true, MaxAge = TimeSpan.FromDays(30) });
        return TypedResults.LocalRedirect(IsLocal(to) ? to! : "/");
    }

    private static bool IsLetIn(HttpRequest request, string token) =>
        Equal(request.Cookies[Cookie] ?? "", Proof(token))
        || (request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && Equal(header["Bearer ".Length..], token));

    /// <summary>Cookies go to every port of this machine: another program there must not learn the token itself.</summary>
    private static string Proof(string token) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "dashboard cookie"u8));

    private static bool Equal(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(one)), SHA256.HashData(Encoding.UTF8.GetBytes(other)));

    private static bool IsLocal(string? to) => to is ['/', ..] && !to.StartsWith("//", StringComparison.Ordinal) && !to.Contains('\\', StringComparison.Ordinal);
}

/// <summary>The login page.</summary>
internal static class LoginEndpoints
{
    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login", static IResult (HttpContext context, string? t = null, string? to = null) =>
            (t is null ? null : Login.TryEnter(context, t, to)) as IResult ?? Page(to, isWrong: t is not null));
        routes.MapPost("/login", static async Task<IResult> (HttpContext context, string? to = null) =>
        {
            var form = await context.Request.ReadFormAsync();
            return Login.TryEnter(context, form["token"].ToString().Trim(), to) as IResult ?? Page(to, isWrong: true);
        });
    }

    private static RazorComponentResult<LoginPage> Page(string? to, bool isWrong) =>
        new(new { To = to, IsWrong = isWrong }) { StatusCode = isWrong ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK };
}
