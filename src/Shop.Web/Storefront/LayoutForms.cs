using Microsoft.AspNetCore.Mvc;
using Shop.Web.Pages;
using Shop.Web.Sessions;

namespace Shop.Web.Storefront;

/// <summary>The forms that stand on every page. Binding a form checks its anti-forgery token.</summary>
internal static class LayoutForms
{
    public static void MapLayoutForms(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/theme", ChooseTheme).ExcludeFromDescription();
        routes.MapPost("/sign-out", SignOutAsync).ExcludeFromDescription();
    }

    private static IResult ChooseTheme(HttpContext context, [FromForm] string? theme, [FromForm] string? back)
    {
        Theme.Choose(context, theme);
        return Results.LocalRedirect(LocalPath.Of(back));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, [FromForm] string? back)
    {
        await SessionStarter.EndAsync(context);
        Flash.Say(context, "You are signed out.");
        return Results.LocalRedirect(LocalPath.Of(back));
    }
}
