using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Redis.Live;
using Shop.Web.Live;
using Shop.Web.Operations;

namespace Shop.Web.Bursts;

/// <summary>Bursts of simulated shoppers: one at a time, over all replicas.</summary>
internal static class BurstsApi
{
    public static void MapBursts(this RouteGroupBuilder operations)
    {
        var burst = operations.MapGroup("/burst");
        burst.MapPost("/", StartAsync).WithSummary("Sends simulated shoppers through the system, as a background job; 202 says where to watch it")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
        burst.MapGet("/", GetAsync).WithSummary("The burst that runs or waits").ProducesProblem(StatusCodes.Status404NotFound);
        burst.MapDelete("/", StopAsync).WithSummary("Stops the burst: 202 when its shoppers were told").ProducesProblem(StatusCodes.Status404NotFound);
        burst.MapGet("/live", FollowAsync).WithSummary("Throughput and latency of the burst that runs, or ran last, as server-sent events")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
    }

    private static async Task<Results<Accepted<BurstView>, ValidationProblem, ProblemHttpResult>> StartAsync(
        BurstRequest request, BurstSwitch bursts, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (bursts.Check(request.Shoppers, request.Orders) is { Count: > 0 } errors)
            return TypedResults.ValidationProblem(errors, title: "The request is not valid.");
        var (started, job) = await bursts.StartAsync(new Burst(request.Shoppers!.Value, request.Orders!.Value, user.Identity?.Name ?? "?"), cancellationToken);
        return started
            ? TypedResults.Accepted(AddressOf(job), new BurstView(job, AddressOf(job)))
            : Problems.Conflict("A burst is under way.", "There is one burst at a time. Let it end, or stop it first.", ("job", AddressOf(job)));
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> GetAsync(BurstSwitch bursts, CancellationToken cancellationToken) =>
        await bursts.CurrentAsync(cancellationToken) is { } job ? TypedResults.Ok(JobView.Of(job)) : NoBurst();

    private static async Task<Results<Accepted<BurstView>, ProblemHttpResult>> StopAsync(BurstSwitch bursts, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await bursts.StopAsync(user.Identity?.Name ?? "?", cancellationToken) is { } job ? TypedResults.Accepted(AddressOf(job), new BurstView(job, AddressOf(job))) : NoBurst();

    private static ServerSentEvents FollowAsync(LiveLog<BurstSample> samples, CancellationToken cancellationToken) => new(SamplesAsync(samples, cancellationToken));

    /// <summary>What there is of the last bursts, and what comes. Samples are numbered: a reader who has some already drops them.</summary>
    private static async IAsyncEnumerable<ServerSentEvent> SamplesAsync(LiveLog<BurstSample> samples, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var source = samples.ReadAsync(LiveLogs.Bursts, LiveCursor.Start, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await HasNextAsync(source))
                yield return new ServerSentEvent(null, "sample", JsonSerializer.Serialize(source.Current.Value, BurstJson.Default.BurstSample));
        }
    }

    private static async Task<bool> HasNextAsync(IAsyncEnumerator<LiveItem<BurstSample>> source)
    {
        try
        {
            return await source.MoveNextAsync();
        }
        catch (LiveLogGapException)
        {
            return false; // Redis was wiped: begin again with what there is
        }
    }

    private static ProblemHttpResult NoBurst() => Problems.NotFound("No burst runs. POST /api/operations/burst starts one.");

    private static string AddressOf(Guid job) => string.Create(CultureInfo.InvariantCulture, $"/api/operations/jobs/{Queues.Bursts}/{job}");
}

/// <summary>A burst to start.</summary>
public sealed record BurstRequest([property: Description("How many shop at the same time")] int? Shoppers, [property: Description("How many orders they place together")] int? Orders);

/// <summary>A burst, and the job that runs it, by its address.</summary>
public sealed record BurstView(Guid Id, string Job);
