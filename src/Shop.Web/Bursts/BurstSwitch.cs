using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Redis.Jobs;

namespace Shop.Web.Bursts;

/// <summary>What an operator has of bursts: start one, stop it, see what runs. Used by the page and by the API.</summary>
public sealed partial class BurstSwitch(JobQueues jobs, JobInspector inspector, IOptions<BurstOptions> options, ILogger<BurstSwitch> logger)
{
    public BurstOptions Caps => options.Value;

    /// <summary>What is wrong with such a burst, by field; empty when nothing is.</summary>
    public Dictionary<string, string[]> Check(int? shoppers, int? orders)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (shoppers is null || shoppers < 1 || shoppers > Caps.MaxShoppers)
            errors["shoppers"] = [FormattableString.Invariant($"The number of shoppers is {(object?)shoppers ?? "missing"}; it must be 1 to {Caps.MaxShoppers}.")];
        if (orders is null || orders < 1 || orders > Caps.MaxOrders)
            errors["orders"] = [FormattableString.Invariant($"The number of orders is {(object?)orders ?? "missing"}; it must be 1 to {Caps.MaxOrders}.")];
        return errors;
    }

    /// <summary>Starts a burst, unless one waits or runs.</summary>
    /// <returns>Whether it is started, and the job of the one that there is.</returns>
    public async Task<(bool Started, Guid Job)> StartAsync(Burst burst, CancellationToken cancellationToken)
    {
        var job = await jobs.EnqueueAsync(Burst.Job, burst, Burst.OneAtATime, cancellationToken);
        if (job.IsNew)
            LogStarted(logger, burst.By, burst.Shoppers, burst.Orders, job.Id);
        return (job.IsNew, job.Id);
    }

    /// <summary>Stops what waits or runs; the job that was told, or null when there is none.</summary>
    public async Task<Guid?> StopAsync(string by, CancellationToken cancellationToken)
    {
        if (await CurrentAsync(cancellationToken) is not { } current
            || await jobs.CancelAsync(Queues.Bursts, current.Id, $"Stopped by {by}.", cancellationToken) is not (JobChange.Done or JobChange.Requested))
            return null;
        LogStopped(logger, by, current.Id);
        return current.Id;
    }

    /// <summary>The burst that runs or waits; null when there is none.</summary>
    public async Task<JobDetails?> CurrentAsync(CancellationToken cancellationToken)
    {
        foreach (var state in new[] { JobState.Running, JobState.Queued })
        {
            if ((await inspector.ListAsync(Queues.Bursts, state, null, 1, cancellationToken)).Jobs is [var first, ..])
                return first;
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "{Operator} sends {Shoppers} simulated shoppers with {Orders} orders through the system, as job {Job}")]
    private static partial void LogStarted(ILogger logger, string @operator, int shoppers, int orders, Guid job);

    [LoggerMessage(2, LogLevel.Warning, "{Operator} stopped the burst {Job}")]
    private static partial void LogStopped(ILogger logger, string @operator, Guid job);
}
