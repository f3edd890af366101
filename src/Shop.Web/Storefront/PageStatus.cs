namespace Shop.Web.Storefront;

/// <summary>
/// The status of a page that says itself what is wrong. The framework keeps back a page that is answered with 404, for a status
/// page to take its place; so the status is written only when the answer starts.
/// </summary>
internal static class PageStatus
{
    public static void Set(HttpContext context, int status)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.OnStarting(
            static state =>
            {
                var (response, status) = ((HttpResponse, int))state;
                response.StatusCode = status;
                return Task.CompletedTask;
            },
            (context.Response, status));
    }
}
