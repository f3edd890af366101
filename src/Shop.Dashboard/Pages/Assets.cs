using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Shop.Dashboard.Pages;

/// <summary>The style sheet, the script and the icon, out of the assembly.</summary>
internal static class Assets
{
    public static void MapAssets(this IEndpointRouteBuilder routes)
    {
        Map(routes, "dashboard.css", "text/css; charset=utf-8");
        foreach (var script in (string[])["theme.js", "live.js", "keys.js", "waterfall.js"])
            Map(routes, script, "text/javascript; charset=utf-8");
        Map(routes, "icon.svg", "image/svg+xml");
    }

    private static void Map(IEndpointRouteBuilder routes, string name, string contentType)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in the assembly.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content).AsSpan(0, 8))}\"");
        routes.MapGet($"/assets/{name}", FileContentHttpResult (HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-cache";
            return TypedResults.File(content, contentType, entityTag: tag);
        });
    }
}
