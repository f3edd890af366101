using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Redis.Jobs;

namespace Shop.Web.Operations;

/// <summary>Background jobs: look at them, run them again, cancel them.</summary>
internal static class JobsApi
{
    private const int PageSize = 50;
    private const int MaxReason = 500;

    public static void MapJobs(this RouteGroupBuilder operations)
    {
        operations.MapGet("/jobs", QueuesAsync).WithSummary("Every queue: its jobs by state, the oldest's wait, and its workers");
        var jobs = operations.MapGroup("/jobs/{queue}").AddEndpointFilter(CheckQueueAsync).ProducesProblem(StatusCodes.Status404NotFound);
        jobs.MapGet("/", ListAsync).WithSummary("Jobs of a queue in one state");
        jobs.MapGet("/{id}", GetAsync).WithSummary("One job: arguments, failed attempts with their errors, progress and result");
        jobs.MapPost("/{id}/retry", RetryAsync).WithSummary("Queues a dead or cancelled job again, with all its attempts, or a scheduled one ahead of its time")
            .ProducesProblem(StatusCodes.Status409Conflict);
        jobs.MapPost("/{id}/cancel", CancelAsync).WithSummary("Cancels a job: 204 when it is, 202 when it runs and its worker was told")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<JobQueueList>> QueuesAsync(OperationsReader reader, CancellationToken cancellationToken) =>
        TypedResults.Ok(new JobQueueList(await reader.QueuesAsync(cancellationToken)));

    private static async Task<Results<Ok<JobList>, ValidationProblem>> ListAsync(
        string queue, JobInspector inspector, CancellationToken cancellationToken,
        [Description("scheduled, queued, running, succeeded, dead or cancelled")] string state = "dead",
        [Description("The next of the page before")] string? after = null)
    {
        if (!Enum.TryParse<JobState>(state, ignoreCase: true, out var wanted) || !state.All(char.IsAsciiLetter))
            return Problems.Field("state", $"The state is '{state}'; it must be scheduled, queued, running, succeeded, dead or cancelled.");
        try
        {
            var page = await inspector.ListAsync(queue, wanted, after, PageSize, cancellationToken);
            return TypedResults.Ok(new JobList([.. page.Jobs.Select(JobView.Of)], page.Next));
        }
        catch (FormatException)
        {
            return Problems.Field("after", $"'{after}' is not the next of a page of {wanted} jobs.");
        }
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> GetAsync(string queue, string id, JobInspector inspector, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var job) && await inspector.GetAsync(queue, job, cancellationToken) is { } found ? TypedResults.Ok(JobView.Of(found)) : NoSuchJob(queue, id);

    private static async Task<Results<NoContent, ProblemHttpResult>> RetryAsync(
        string queue, string id, OperatorActions actions, JobInspector inspector, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var job))
            return NoSuchJob(queue, id);
        switch (await actions.RetryAsync(user, queue, job, cancellationToken))
        {
            case JobChange.Done:
                return TypedResults.NoContent();
            case JobChange.NotFound:
                return NoSuchJob(queue, id);
            case JobChange.Duplicate:
                return Problems.Conflict("Another job does the same.", "A job with the same unique key waits or runs. Let it end, or cancel it first.");
            default:
                return await WrongStateAsync(queue, job, inspector, "Only a dead, cancelled or scheduled job can be queued again.", cancellationToken);
        }
    }

    private static async Task<Results<NoContent, Accepted, ValidationProblem, ProblemHttpResult>> CancelAsync(
        string queue, string id, OperatorActions actions, JobInspector inspector, ClaimsPrincipal user, CancellationToken cancellationToken, CancelJobRequest? request = null)
    {
        var reason = request?.Reason?.Trim();
        if (reason?.Length > MaxReason)
            return Problems.Field("reason", string.Create(CultureInfo.InvariantCulture, $"The reason has {reason.Length} characters; it may have {MaxReason}."));
        if (!Guid.TryParse(id, out var job))
            return NoSuchJob(queue, id);
        var change = await actions.CancelAsync(user, queue, job, reason, cancellationToken);
        if (change is JobChange.NotFound)
            return NoSuchJob(queue, id);
        if (change is not (JobChange.Done or JobChange.Requested))
            return await WrongStateAsync(queue, job, inspector, "A job that has ended cannot be cancelled.", cancellationToken);
        if (change is JobChange.Requested)
            return TypedResults.Accepted($"/api/operations/jobs/{queue}/{job}");
        return TypedResults.NoContent();
    }

    private static async ValueTask<object?> CheckQueueAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        (string)context.HttpContext.Request.RouteValues["queue"]! is var queue && Queues.All.Contains(queue, StringComparer.Ordinal)
            ? await next(context)
            : Problems.NotFound($"There is no queue '{queue}'; there are {string.Join(", ", Queues.All)}.");

    private static async Task<ProblemHttpResult> WrongStateAsync(string queue, Guid id, JobInspector inspector, string rule, CancellationToken cancellationToken)
    {
        var state = (await inspector.GetAsync(queue, id, cancellationToken))?.State.ToString() ?? "gone by now";
        return Problems.Conflict("The job's state does not allow it.", $"The job is {state}. {rule}", ("state", state));
    }

    private static ProblemHttpResult NoSuchJob(string queue, string id) =>
        Problems.NotFound($"The queue '{queue}' has no job '{id}': it never was, it succeeded and was not kept, or its time was up. GET /api/operations/jobs/{queue}?state=dead lists dead ones.");
}
