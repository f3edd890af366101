using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Shop.Contracts;
using Shop.Redis.Jobs;
using Shop.Web.Accounts;
using Shop.Web.Bursts;
using Shop.Web.Operations;
using Shop.Web.Storefront;

namespace Shop.Web.Pages.Operate;

/// <summary>The buttons of the operators' pages. Binding a form checks its anti-forgery token; each leads back to its page, which says what was done.</summary>
internal static class OperateForms
{
    public static void MapOperateForms(this IEndpointRouteBuilder routes)
    {
        var operate = routes.MapGroup("/operate").RequireOperator().ExcludeFromDescription();
        operate.MapPost("/dead-letters/{stream}/put-back", PutBackAsync);
        operate.MapPost("/dead-letters/{stream}/drop", DropAsync);
        operate.MapPost("/jobs/{queue}/retry", RetryAsync);
        operate.MapPost("/jobs/{queue}/cancel", CancelAsync);
        operate.MapPost("/burst/stop", StopAsync);
    }

    private static async Task<IResult> PutBackAsync(string stream, [FromForm] string id, HttpContext context, ClaimsPrincipal user, OperatorActions actions, CancellationToken cancellationToken)
    {
        if (!Streams.All.Contains(stream, StringComparer.Ordinal))
            return Results.NotFound();
        Flash.Say(context, await actions.PutBackAsync(user, stream, id, cancellationToken) is not null ? "The letter is put back." : "That letter is not there any more.");
        return Results.LocalRedirect($"/operate/dead-letters/{stream}");
    }

    private static async Task<IResult> DropAsync(string stream, [FromForm] string id, HttpContext context, ClaimsPrincipal user, OperatorActions actions, CancellationToken cancellationToken)
    {
        if (!Streams.All.Contains(stream, StringComparer.Ordinal))
            return Results.NotFound();
        Flash.Say(context, await actions.DropAsync(user, stream, id, cancellationToken) ? "The letter is dropped." : "That letter is not there any more.");
        return Results.LocalRedirect($"/operate/dead-letters/{stream}");
    }

    private static async Task<IResult> RetryAsync(string queue, [FromForm] Guid id, HttpContext context, ClaimsPrincipal user, OperatorActions actions, CancellationToken cancellationToken)
    {
        if (!Queues.All.Contains(queue, StringComparer.Ordinal))
            return Results.NotFound();
        Flash.Say(context, await actions.RetryAsync(user, queue, id, cancellationToken) switch
        {
            JobChange.Done => "The job is in line again.",
            JobChange.NotFound => "That job is not there any more.",
            JobChange.Duplicate => "Another job does the same: let it end, or cancel it first.",
            _ => "The job's state does not allow it any more.",
        });
        return Results.LocalRedirect($"/operate/jobs/{queue}");
    }

    private static async Task<IResult> CancelAsync(string queue, [FromForm] Guid id, HttpContext context, ClaimsPrincipal user, OperatorActions actions, CancellationToken cancellationToken)
    {
        if (!Queues.All.Contains(queue, StringComparer.Ordinal))
            return Results.NotFound();
        Flash.Say(context, await actions.CancelAsync(user, queue, id, null, cancellationToken) switch
        {
            JobChange.Done => "The job is cancelled.",
            JobChange.Requested => "The job runs; its worker was told to stop.",
            JobChange.NotFound => "That job is not there any more.",
            _ => "A job that has ended cannot be cancelled.",
        });
        return Results.LocalRedirect($"/operate/jobs/{queue}?state=cancelled");
    }

    private static async Task<IResult> StopAsync(HttpContext context, ClaimsPrincipal user, BurstSwitch bursts, [FromForm(Name = "from")] string? from, CancellationToken cancellationToken)
    {
        Flash.Say(context, await bursts.StopAsync(user.Identity?.Name ?? "?", cancellationToken) is not null ? "The shoppers were told to stop." : "No burst runs any more.");
        return Results.LocalRedirect(LocalPath.Of(from ?? "/operate/burst"));
    }
}
