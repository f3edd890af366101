using System.ComponentModel;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Shop.Contracts.Chat;
using Shop.Web.Accounts;
using Shop.Web.Customers;
using Shop.Web.Limits;

namespace Shop.Web.Chat;

/// <summary>Rooms in which customers talk. Everybody who is signed in may read and write; an operator may remove.</summary>
public static partial class ChatApi
{
    private const int LongestClientId = 128;

    public static RouteGroupBuilder MapChat(this IEndpointRouteBuilder routes)
    {
        var rooms = routes.MapGroup("/api/chat/rooms").WithTags("Chat").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        rooms.MapGet("/", RoomsAsync).WithSummary("The rooms, and how many are in each");

        var room = rooms.MapGroup("/{room}").AddEndpointFilter(CheckName).ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        room.MapGet("/messages", PageAsync).WithSummary("Messages, the newest page first, each page oldest first");
        room.MapPost("/messages", PostAsync).WithSummary("Posts a message; 201 means that it is durable")
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status429TooManyRequests);
        room.MapDelete("/messages/{sequence:long}", RemoveAsync).WithSummary("Removes a message, for everybody and for good")
            .RequireOperator().ProducesProblem(StatusCodes.Status403Forbidden);
        room.MapPost("/typing", TypingAsync).WithSummary("Says that you are typing; repeat it every few seconds while you are");
        room.MapGet("/live", ChatLive.FollowAsync).WithSummary("Enters the room and follows it, as server-sent events: message, removed, presence, typing")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
        return rooms;
    }

    internal static ProblemHttpResult NoSuchRoom(string room) => Problems.NotFound($"There is no room '{room}'. GET /api/chat/rooms lists them.");

    /// <summary>Who talks: the stable id, and the name that others are shown.</summary>
    internal static ChatUser ChatUser(this ClaimsPrincipal user) => new(user.Customer(), user.Identity!.Name!);

    private static async Task<Ok<ChatRoomList>> RoomsAsync(ChatRooms rooms, CancellationToken cancellationToken) => TypedResults.Ok(new ChatRoomList(await rooms.ListAsync(cancellationToken)));

    private static async Task<Results<Ok<ChatMessageList>, ValidationProblem, ProblemHttpResult>> PageAsync(
        string room, ChatRooms rooms, CancellationToken cancellationToken,
        [Description("The previous of the page after; absent for the newest")] long? before = null, [Description("1 to 200")] int take = 50)
    {
        if (before < 1)
            return Problems.Field("before", $"The sequence is {before}; it must be 1 or more.");
        if (take is < 1 or > 200)
            return Problems.Field("take", $"The number of messages is {take}; it must be 1 to 200.");
        return await rooms.PageAsync(room, before, take, cancellationToken) is { } page ? TypedResults.Ok(page) : NoSuchRoom(room);
    }

    private static async Task<Results<Created<ChatMessageView>, Ok<ChatMessageView>, ValidationProblem, ProblemHttpResult>> PostAsync(
        string room, PostMessageRequest request, ClaimsPrincipal user, HttpContext context, ChatRooms rooms, CancellationToken cancellationToken,
        [FromHeader(Name = "Idempotency-Key"), Description("As clientId in the body")] string? idempotencyKey = null)
    {
        if (request.Text is null)
            return Problems.Field("text", "Send a text: what you want to say.");
        if (idempotencyKey is not null && request.ClientId is not null && idempotencyKey != request.ClientId)
            return Problems.Field("clientId", $"The clientId is '{request.ClientId}' and the Idempotency-Key '{idempotencyKey}'; send one, or the same twice.");
        var clientId = idempotencyKey ?? request.ClientId ?? Guid.CreateVersion7().ToString();
        if (clientId.Length is 0 or > LongestClientId || clientId.Any(char.IsControl))
            return Problems.Field(idempotencyKey is null ? "clientId" : "Idempotency-Key", $"It must have 1 to {LongestClientId} characters, none of them a control character.");

        var result = await rooms.PostAsync(room, new PostMessage(user.ChatUser(), request.Text, clientId), cancellationToken);
        if (result is { Outcome: PostOutcome.Refused, Refusal: { } refusal })
            return Refused(refusal, context);
        if (result is not { Message: { } message })
            return NoSuchRoom(room);
        if (result.Outcome == PostOutcome.ClientIdReused)
            return Problems.Unprocessable("The key belongs to another message.", idempotencyKey is null ? "clientId" : "Idempotency-Key", $"'{clientId}' was used for another message in this room. Send that one again as it was, or choose a new key.");
        return result.Outcome == PostOutcome.Posted
            ? TypedResults.Created((string?)null, ChatMessageView.Of(message))
            : TypedResults.Ok(ChatMessageView.Of(message));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string room, long sequence, ClaimsPrincipal user, ChatRooms rooms, CancellationToken cancellationToken) =>
        await rooms.RemoveAsync(room, sequence, user.ChatUser(), cancellationToken) ? TypedResults.NoContent() : Problems.NotFound($"There is no message {sequence} in a room '{room}'.");

    private static async Task<Results<NoContent, ProblemHttpResult>> TypingAsync(string room, ClaimsPrincipal user, ChatRooms rooms, ChatPresence presence, CancellationToken cancellationToken)
    {
        if (!await rooms.ExistsAsync(room, cancellationToken))
            return NoSuchRoom(room);
        await presence.TypesAsync(room, user.ChatUser(), cancellationToken);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Refused(ChatRefusal refusal, HttpContext context)
    {
        if (refusal is not { Reason: ChatRefusalReason.TooFast, RetryAfter: { } wait })
            return Problems.Unprocessable("The message is not posted.", "text", refusal.Detail, ("reason", refusal.Reason.ToString()));
        ToldLimit[] limits = refusal.Limit is { } limit ? [new(limit.Policy, limit.Permits, limit.Window, limit.Remaining, limit.NextAfter)] : [];
        LimitHeaders.Add(context, limits, wait);
        return LimitProblem.Of("You are writing too fast.", refusal.Detail, [.. limits.Select(static limit => limit.Policy)]);
    }

    private static async ValueTask<object?> CheckName(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var room = (string)context.HttpContext.Request.RouteValues["room"]!;
        return WellFormed().IsMatch(room)
            ? await next(context)
            : Problems.Field("room", $"The room '{room}' must be named with 1 to 40 characters of a-z 0-9 -.");
    }

    [GeneratedRegex("^[a-z0-9-]{1,40}$", RegexOptions.ExplicitCapture)]
    private static partial Regex WellFormed();
}
