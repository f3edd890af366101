using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Pages;

/// <summary>Tells an open page that something new is stored, at most once a second; the page then fetches itself again.</summary>
internal static class LiveUpdates
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static void MapLiveUpdates(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/events", ServerSentEventsResult<string> (TelemetryWriter writer, IHostApplicationLifetime lifetime, TimeProvider clock, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(FollowAsync(writer, clock, lifetime.ApplicationStopping, cancellationToken)));

    private static async IAsyncEnumerable<SseItem<string>> FollowAsync(
        TelemetryWriter writer, TimeProvider clock, CancellationToken stopping, [EnumeratorCancellation] CancellationToken gone)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, gone);
        using var timer = new PeriodicTimer(Pause, clock);
        var seen = writer.Version;
        // The headers leave with the first event: the browser learns at once that the line is open.
        yield return new SseItem<string>($"{seen}", "hello");
        while (await TicksAsync(timer, ended.Token))
        {
            if (writer.Version == seen)
                continue;
            seen = writer.Version;
            yield return new SseItem<string>($"{seen}", "change");
        }
    }

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
