using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Shop.Web.Accounts;
using Shop.Web.Chat;
using Shop.Web.Storefront;

namespace Shop.Web.Pages.Talk;

/// <summary>What the rooms' pages send without script. Binding a form checks its anti-forgery token.</summary>
internal static class TalkForms
{
    public static void MapTalkForms(this IEndpointRouteBuilder routes) => routes.MapPost("/talk/{room}/remove", RemoveAsync).RequireOperator().ExcludeFromDescription();

    private static async Task<IResult> RemoveAsync(string room, [FromForm] long sequence, HttpContext context, ClaimsPrincipal user, ChatRooms rooms, CancellationToken cancellationToken)
    {
        Flash.Say(context, await rooms.RemoveAsync(room, sequence, user.ChatUser(), cancellationToken) ? "The message is removed." : "There is no such message.");
        return Results.LocalRedirect(LocalPath.Of($"/talk/{Uri.EscapeDataString(room)}"));
    }
}
