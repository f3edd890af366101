using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Shop.Web.Storefront;
using Shop.Web.Tokens;

namespace Shop.Web.Sessions;

/// <summary>
/// Refuses writes that another site made a browser send (cross-site request forgery): signing in and out among them. Browsers say
/// where a request comes from, in <c>Sec-Fetch-Site</c> on https and localhost and in <c>Origin</c> everywhere; no page can change either. A
/// request with neither comes from no browser. A token in the Authorization header is never sent by the browser itself, so such
/// requests pass. Forms carry anti-forgery tokens besides.
/// </summary>
public sealed class SameOriginWrites(RequestDelegate next, IProblemDetailsService problems)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (IsRead(context.Request.Method) || context.User.Identity?.AuthenticationType == TokenAuthentication.Scheme || MayWrite(context.Request))
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        if (PageRequest.Is(context))
            return; // the status pages make a page of it
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails
            {
                Status = StatusCodes.Status403Forbidden,
                Title = "The request comes from another site.",
                Detail = "A page of another origin may not write here in your name. Scripts and other applications send a personal access token instead of the cookie.",
            },
        });
    }

    /// <summary>Whether a browser says that the shop's own page, or the user, sent the request, or no browser says anything.</summary>
    internal static bool MayWrite(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0)
            return site.ToString() is "same-origin" or "none";
        var origin = request.Headers[HeaderNames.Origin];
        return origin.Count == 0 || IsOwn(origin.ToString(), request);
    }

    /// <summary>
    /// Whether an origin is that of the address in the request. Behind a proxy that ends TLS the request is http and the origin
    /// https; the other way round it is another origin.
    /// </summary>
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && !request.IsHttps))
        && uri.Host.Equals(request.Host.Host, StringComparison.OrdinalIgnoreCase)
        && uri.Port == (request.Host.Port ?? (uri.Scheme == Uri.UriSchemeHttps ? 443 : 80));

    private static bool IsRead(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
}
