using System.Text.Json.Serialization;
using Shop.Contracts;
using Shop.Orders.Checkout;
using Shop.Redis.Jobs;

namespace Shop.Orders.Fulfilment;

/// <summary>How long an order may wait for its payment. Section <c>Shop:Orders:PaymentDeadline</c>.</summary>
public sealed class PaymentDeadlineOptions
{
    /// <summary>An order whose payment has not answered for this long is cancelled. Default 15 minutes.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>When one of the replicas looks for such orders: a cron expression, with or without seconds. Default: every minute.</summary>
    public string Cron { get; set; } = "* * * * *";
}

/// <summary>
/// The cron job that cancels orders whose payment never answered. The deadline is a question to Postgres, so that nothing is
/// forgotten when Redis is wiped; the schedule only keeps the replicas from asking it all at once, and two sweeps at a time do
/// no harm: cancelling is decided by the order's own row. A tick that nobody was there for is made up for by the next.
/// </summary>
public sealed partial class OverdueOrders(
    OrderReader orders, IGrainFactory grains, PaymentDeadlineOptions options, TimeProvider clock, ILogger<OverdueOrders> logger) : IJobHandler<SweepOverdue>
{
    private const int BatchSize = 200;

    /// <summary>One at a time: the ticks during a long sweep, and those while a failed one waits for its next try, are passed over.</summary>
    public static readonly JobOptions OneAtATime = new() { UniqueKey = "sweep" };

    /// <summary>Tried every 15 s. A job that failed for five minutes ends among the dead, for somebody to see, and the next tick makes another.</summary>
    public static readonly JobType<SweepOverdue> Sweep = new("cancel-overdue-orders", Queues.Overdue, OverdueJson.Default.SweepOverdue)
    {
        MaxAttempts = 20,
        KeepSucceeded = TimeSpan.FromHours(1), // an operator sees that it runs
        Backoff = new JobBackoff { First = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromSeconds(15) },
    };

    /// <summary>The schedule of <paramref name="options"/>.</summary>
    public static CronSchedule Schedule(PaymentDeadlineOptions options) => new("overdue-orders", options.Cron) { MissedTicks = MissedTicks.Skip };

    public async ValueTask<JobOutcome> HandleAsync(SweepOverdue arguments, JobContext job, CancellationToken cancellationToken)
    {
        while (await SweepAsync(cancellationToken) == BatchSize)
        {
            // a full batch: there may be more
        }

        return JobOutcome.Done();
    }

    /// <summary>Cancels up to a batch of what is overdue now, and answers how many orders it looked at.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var overdue = await orders.OverdueAsync(clock.GetUtcNow() - options.Deadline, BatchSize, cancellationToken);
        foreach (var id in overdue)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await grains.GetGrain<IOrderMovesGrain>(id).CancelOverdueAsync($"No payment within {options.Deadline.TotalMinutes:0.#} minutes.");
        }

        if (overdue.Count > 0)
            LogCancelled(logger, overdue.Count, options.Deadline);
        return overdue.Count;
    }

    [LoggerMessage(1, LogLevel.Warning, "Cancelled {Count} orders whose payment did not answer within {Deadline}")]
    private static partial void LogCancelled(ILogger logger, int count, TimeSpan deadline);
}

/// <summary>Look for overdue orders: whichever there are.</summary>
public sealed record SweepOverdue;

[JsonSerializable(typeof(SweepOverdue))]
internal sealed partial class OverdueJson : JsonSerializerContext;
