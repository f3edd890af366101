using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Redis.Streams;

namespace Shop.Web.Operations;

/// <summary>The event streams, their groups and who reads them.</summary>
internal static class StreamsApi
{
    public static void MapStreams(this RouteGroupBuilder operations)
    {
        var streams = operations.MapGroup("/streams");
        streams.MapGet("/", ListAsync).WithSummary("Every stream: length, dead letters, and per group lag, pending, oldest pending age and consumers");
        streams.MapGet("/{stream}", GetAsync).WithSummary("One stream");
    }

    private static async Task<Ok<StreamList>> ListAsync(OperationsReader reader, CancellationToken cancellationToken) =>
        TypedResults.Ok(new StreamList(await reader.StreamsAsync(cancellationToken)));

    private static async Task<Results<Ok<StreamView>, ProblemHttpResult>> GetAsync(string stream, StreamInspector inspector, CancellationToken cancellationToken) =>
        Streams.All.Contains(stream, StringComparer.Ordinal)
            ? TypedResults.Ok(StreamView.Of(await inspector.InspectAsync(stream, cancellationToken)))
            : NoSuchStream(stream);

    public static ProblemHttpResult NoSuchStream(string stream) =>
        Problems.NotFound($"There is no stream '{stream}'; there are {string.Join(" and ", Streams.All)}.");
}

/// <summary>All streams.</summary>
public sealed record StreamList(IReadOnlyList<StreamView> Items);

/// <summary>A stream as it is now.</summary>
/// <param name="Stream">Its name.</param>
/// <param name="Length">Entries in it, read or not.</param>
/// <param name="DeadLetters">Entries that a group gave up.</param>
/// <param name="Groups">Who reads it.</param>
public sealed record StreamView(string Stream, long Length, long DeadLetters, IReadOnlyList<GroupView> Groups)
{
    public static StreamView Of(StreamFacts facts) => new(facts.Stream, facts.Length, facts.DeadLetters, [.. facts.Groups.Select(GroupView.Of)]);
}

/// <summary>A consumer group. <paramref name="Lag"/> is null when Redis cannot say; a small lag with a growing <paramref name="OldestPendingSeconds"/> is a stuck handler.</summary>
public sealed record GroupView(string Group, long? Lag, long Pending, double OldestPendingSeconds, IReadOnlyList<ConsumerView> Consumers)
{
    public static GroupView Of(StreamGroupFacts facts) => new(
        facts.Group, facts.Lag, facts.Pending, facts.OldestPendingAge.TotalSeconds, [.. facts.Consumers.Select(static consumer => new ConsumerView(consumer.Consumer, consumer.Pending, consumer.Idle.TotalSeconds))]);
}

/// <summary>A consumer: what it holds, and how long ago it asked for more.</summary>
public sealed record ConsumerView(string Consumer, long Pending, double IdleSeconds);
