using Microsoft.AspNetCore.Mvc;
using Shop.Contracts.Orders;
using Shop.Redis.Sessions;
using Shop.Web.Customers;
using Shop.Web.Orders;
using Shop.Web.Sessions;
using Shop.Web.Tokens;

namespace Shop.Web.Storefront;

/// <summary>The buttons on the pages of an account: each is a form that leads back to its page. Binding a form checks its anti-forgery token.</summary>
internal static class AccountForms
{
    public static void MapAccountForms(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/sessions/revoke", RevokeSessionAsync).RequireAuthorization().ExcludeFromDescription();
        routes.MapPost("/account/tokens/revoke", RevokeTokenAsync).RequireAuthorization().ExcludeFromDescription();
        routes.MapPost("/orders/{id:guid}/cancel", CancelOrderAsync).RequireAuthorization().ExcludeFromDescription();
    }

    private static async Task<IResult> RevokeSessionAsync(HttpContext context, RedisSessions sessions, [FromForm] Guid id)
    {
        var revoked = await sessions.RevokeAsync(context.User.Customer(), id, context.RequestAborted);
        Flash.Say(context, revoked ? "That place is signed out." : "That place was signed out already.");
        if (CurrentSession.Of(context)?.Session.Id == id)
            await SessionStarter.EndAsync(context); // its cookie opens nothing any more
        return Results.LocalRedirect("/account/sessions");
    }

    private static async Task<IResult> RevokeTokenAsync(HttpContext context, TokenStore tokens, [FromForm] Guid id)
    {
        var revoked = await tokens.RevokeAsync(Guid.Parse(context.User.Customer()), id, context.RequestAborted);
        Flash.Say(context, revoked ? "The token is revoked: it opens nothing any more." : "That token was revoked already.");
        return Results.LocalRedirect("/account/tokens");
    }

    private static async Task<IResult> CancelOrderAsync(HttpContext context, CustomerOrders orders, Guid id, [FromForm] string? back)
    {
        var result = await orders.CancelAsync(context.User, id, context.RequestAborted);
        Flash.Say(context, result.Outcome switch
        {
            CancelOrderOutcome.Cancelled => "Your order is cancelled.",
            CancelOrderOutcome.NotAllowed => "It was too late: this order cannot be cancelled any more.",
            _ => "You have no such order.",
        });
        return Results.LocalRedirect(Pages.LocalPath.Of(back));
    }
}
