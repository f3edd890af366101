using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Extensions;

namespace Shop.Web.Pages;

/// <summary>Where a page leads after the sign-in: back to where one was, and never to another site.</summary>
internal static class LocalPath
{
    /// <summary>The path, when it is one of the shop's own; otherwise the first page.</summary>
    public static string Of(string? path) =>
        path is ['/', ..] and not ['/', '/' or '\\', ..] && !path.Any(char.IsControl) ? path : "/";

    /// <summary>A page that passes on where to go afterwards.</summary>
    public static string With(string page, string? path) => Of(path) is var to && to == "/" ? page : $"{page}?return={Uri.EscapeDataString(to)}";

    /// <summary>The page of this request, with its query, to come back to; also while another stands there because something went wrong.</summary>
    public static string Here(HttpContext context) => Of(context.Features.Get<IStatusCodeReExecuteFeature>() is { } original
        ? UriHelper.BuildRelative(original.OriginalPathBase, original.OriginalPath, new QueryString(original.OriginalQueryString))
        : context.Request.GetEncodedPathAndQuery());
}
