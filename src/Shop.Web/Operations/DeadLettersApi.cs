using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Redis.Streams;

namespace Shop.Web.Operations;

/// <summary>Events that a group gave up: look at them, put them back, drop them.</summary>
internal static class DeadLettersApi
{
    private const int PageSize = 50;

    public static void MapDeadLetters(this RouteGroupBuilder operations)
    {
        operations.MapGet("/dead-letters", CountAsync).WithSummary("How many dead letters each stream has");
        var letters = operations.MapGroup("/dead-letters/{stream}").AddEndpointFilter(CheckStreamAsync).ProducesProblem(StatusCodes.Status404NotFound);
        letters.MapGet("/", ListAsync).WithSummary("Dead letters of a stream, oldest first");
        letters.MapGet("/{id}", GetAsync).WithSummary("One dead letter, with its exception and its event");
        letters.MapPost("/{id}/put-back", PutBackAsync).WithSummary("Gives the event to the group that failed, as if it were new");
        letters.MapDelete("/{id}", DropAsync).WithSummary("Removes a dead letter for good");
    }

    private static async Task<Ok<DeadLetterCounts>> CountAsync(StreamDeadLetters letters, CancellationToken cancellationToken)
    {
        var counts = await Task.WhenAll(Streams.All.Select(stream => letters.CountAsync(stream, cancellationToken)));
        return TypedResults.Ok(new DeadLetterCounts([.. Streams.All.Zip(counts, static (stream, count) => new DeadLetterCount(stream, count))]));
    }

    private static async Task<Results<Ok<DeadLetterList>, ValidationProblem>> ListAsync(
        string stream, StreamDeadLetters letters, CancellationToken cancellationToken, [Description("The next of the page before")] string? after = null)
    {
        if (after is not null && !OperatorActions.IsEntryId(after))
            return Problems.Field("after", $"'{after}' is no dead letter's id; it looks like 1719230400000-0.");
        var found = await letters.ListAsync(stream, after, PageSize + 1, cancellationToken);
        var page = found.Take(PageSize).Select(static letter => DeadLetterView.Of(letter)).ToArray();
        return TypedResults.Ok(new DeadLetterList(page, found.Count > PageSize ? page[^1].Id : null));
    }

    private static async Task<Results<Ok<DeadLetterView>, ProblemHttpResult>> GetAsync(string stream, string id, StreamDeadLetters letters, CancellationToken cancellationToken) =>
        OperatorActions.IsEntryId(id) && await letters.GetAsync(stream, id, cancellationToken) is { } letter ? TypedResults.Ok(DeadLetterView.Of(letter)) : NoSuchLetter(stream, id);

    private static async Task<Results<Ok<PutBackView>, ProblemHttpResult>> PutBackAsync(
        string stream, string id, OperatorActions actions, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await actions.PutBackAsync(user, stream, id, cancellationToken) is { } entry ? TypedResults.Ok(new PutBackView(entry)) : NoSuchLetter(stream, id);

    private static async Task<Results<NoContent, ProblemHttpResult>> DropAsync(
        string stream, string id, OperatorActions actions, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await actions.DropAsync(user, stream, id, cancellationToken) ? TypedResults.NoContent() : NoSuchLetter(stream, id);

    private static async ValueTask<object?> CheckStreamAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        (string)context.HttpContext.Request.RouteValues["stream"]! is var stream && Streams.All.Contains(stream, StringComparer.Ordinal)
            ? await next(context)
            : StreamsApi.NoSuchStream(stream);

    private static ProblemHttpResult NoSuchLetter(string stream, string id) =>
        Problems.NotFound($"The stream '{stream}' has no dead letter '{id}': it was put back or dropped, or never there. GET /api/operations/dead-letters/{stream} lists them.");
}

/// <summary>How many dead letters there are, by stream.</summary>
public sealed record DeadLetterCounts(IReadOnlyList<DeadLetterCount> Items);

/// <summary>How many dead letters a stream has.</summary>
public sealed record DeadLetterCount(string Stream, long Count);

/// <summary>A page of dead letters; <paramref name="Next"/> is the <c>after</c> of the next page, or null at the end.</summary>
public sealed record DeadLetterList(IReadOnlyList<DeadLetterView> Items, string? Next);

/// <summary>The entry that a dead letter became again.</summary>
public sealed record PutBackView(string EntryId);

/// <summary>An event that a group gave up, with the reason. <paramref name="Event"/> is null when the entry is no event.</summary>
public sealed record DeadLetterView(string Id, string Group, string EntryId, string Reason, string? Exception, int Deliveries, DateTimeOffset DiedAt, DeadEventView? Event)
{
    public static DeadLetterView Of(DeadLetter letter) => new(
        letter.Id, letter.Group, letter.EntryId, letter.Reason, letter.Exception, letter.Deliveries, letter.DiedAt, letter.Message is { } message ? DeadEventView.Of(message) : null);
}

/// <summary>The event of a dead letter. <paramref name="Data"/> is its JSON, or its text when it is none.</summary>
public sealed record DeadEventView(Guid Id, string Type, string Key, DateTimeOffset Time, string? TraceParent, JsonElement Data)
{
    public static DeadEventView Of(StreamMessage message) => new(message.Id, message.Type, message.Key, message.Time, message.TraceParent, Parse(message.Data));

    private static JsonElement Parse(ReadOnlyMemory<byte> data)
    {
        var reader = new Utf8JsonReader(data.Span);
        try
        {
            return JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(System.Text.Encoding.UTF8.GetString(data.Span), ApiJson.Default.String); // perhaps why it is dead: shown as it is
        }
    }
}
