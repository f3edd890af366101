using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Pages;

/// <summary>Tells an open page that something new is stored, at most once a second; the page then fetches itself again.</summary>
internal static class LiveUpdates
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Metrics come every second from everybody, and a page of charts is a large one.</summary>
    private static readonly TimeSpan PauseOfMetrics = TimeSpan.FromSeconds(2);

    public static void MapLiveUpdates(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/events", ServerSentEventsResult<string> (Changes changes, IHostApplicationLifetime lifetime, TimeProvider clock, CancellationToken cancellationToken, string watch = "") =>
            TypedResults.ServerSentEvents(FollowAsync(changes, Kinds(watch), clock, lifetime.ApplicationStopping, cancellationToken)));

    private static async IAsyncEnumerable<SseItem<string>> FollowAsync(
        Changes changes, string[] kinds, TimeProvider clock, CancellationToken stopping, [EnumeratorCancellation] CancellationToken gone)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, gone);
        using var timer = new PeriodicTimer(kinds is [Changes.Metrics] ? PauseOfMetrics : Pause, clock);
        var seen = Total();
        // The headers leave with the first event: the browser learns at once that the line is open.
        yield return new SseItem<string>($"{seen}", "hello");
        while (await TicksAsync(timer, ended.Token))
        {
            if (Total() == seen)
                continue;
            seen = Total();
            yield return new SseItem<string>($"{seen}", "change");
        }

        long Total() => kinds.Sum(changes.Of);
    }

    /// <summary>What the page shows, by the names in <see cref="Changes"/>; without any, everything.</summary>
    private static string[] Kinds(string watch) => watch.Length > 0
        ? watch.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        : [Changes.Traces, Changes.Logs, Changes.Metrics, Changes.Resources, Changes.Console];

    /// <summary>False when the page was closed or the dashboard stops: both are how a live page ends.</summary>
    private static async ValueTask<bool> TicksAsync(PeriodicTimer timer, CancellationToken ended)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ended);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
