using Microsoft.AspNetCore.Diagnostics;
using Shop.Web.Carts;
using Shop.Web.Pages.Operate;
using Shop.Web.Pages.Talk;

namespace Shop.Web.Storefront;

internal static class StorefrontServices
{
    /// <summary>What the pages need, beside what they share with the API.</summary>
    public static IServiceCollection AddStorefront(this IServiceCollection services)
    {
        services
            .AddExceptionHandler<PageFailures>()
            .AddSingleton<UnreadNotifications>()
            .AddSingleton<Checkout>()
            .AddSingleton<ProductArt>()
            .AddResponseCompression(static compression => compression.MimeTypes = ["text/html"]) // assets are compressed when they are built, and a stream of events must not wait
            .AddRazorComponents();
        return services;
    }

    /// <summary>The forms that lead to a page and are none themselves.</summary>
    public static void MapForms(this IEndpointRouteBuilder routes)
    {
        routes.MapLayoutForms();
        routes.MapCartForms();
        routes.MapAccountForms();
        routes.MapTalkForms();
        routes.MapOperateForms();
    }

    /// <summary>Answers whatever goes wrong: a page with a page, all else with problem details. Outermost, but for the headers that every answer gets.</summary>
    public static WebApplication UseFailureAnswers(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseResponseCompression();
        // Not in a branch: a branch of the pipeline has a routing of its own. In a scope of its own: a page that broke has used up the request's.
        app.UseStatusCodePagesWithReExecute("/problem/{0}", createScopeForStatusCodePages: true);
        app.Use(static (context, next) =>
        {
            if (!PageRequest.Is(context) && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
                pages.Enabled = false;
            if (context.Features.Get<IStatusCodeReExecuteFeature>() is not null)
                context.Request.Method = HttpMethods.Get; // the page that says what went wrong is no answer to the form
            return next(context);
        });
        app.UseWhen(static context => !PageRequest.Is(context), static rest => rest.UseStatusCodePages());
        app.UseExceptionHandler();
        return app;
    }
}
