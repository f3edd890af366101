namespace Shop.Dashboard.Pages;

/// <summary>
/// The pages show what services log, so they trust nothing in it: no inline script or style runs. Requests must name this
/// machine, or a web site could read the dashboard by pointing its own name at the loopback address; and what changes
/// something must come from a page of ours, or a web site could have the reader's browser send it.
/// </summary>
internal static class PageSafety
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static IApplicationBuilder UsePageSafety(this IApplicationBuilder app) =>
        app.Use(static (context, next) =>
        {
            if (!IsThisMachine(context.Request.Host.Host))
                return TypedResults.Problem("The dashboard answers to localhost only.", statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
            if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !IsOwn(context.Request))
                return TypedResults.Problem("Only the dashboard's own pages may ask for this.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-store";
            return next(context);
        });

    /// <summary>Browsers say where a request comes from; programs say nothing, and have no reader's cookie to misuse.</summary>
    private static bool IsOwn(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "same-origin" or "none" => true,
        "" => request.Headers.Origin.ToString() is var origin && (origin.Length == 0 || origin == $"{request.Scheme}://{request.Host}"),
        _ => false,
    };

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || host is "127.0.0.1" or "[::1]";
}
