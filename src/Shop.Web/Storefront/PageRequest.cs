namespace Shop.Web.Storefront;

/// <summary>Whether somebody looks at a page, and is to be answered with one also when something goes wrong.</summary>
internal static class PageRequest
{
    /// <summary>A browser that asks for a document outside the API: it names <c>text/html</c>, as no script does by itself.</summary>
    public static bool Is(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
