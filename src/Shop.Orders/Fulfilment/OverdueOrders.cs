using Shop.Orders.Checkout;
using Shop.Redis.Locks;

namespace Shop.Orders.Fulfilment;

/// <summary>How long an order may wait for its payment. Section <c>Shop:Orders:PaymentDeadline</c>.</summary>
public sealed class PaymentDeadlineOptions
{
    /// <summary>An order whose payment has not answered for this long is cancelled. Default 15 minutes.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often one of the replicas looks for such orders. Default 15 seconds.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>
/// Cancels orders whose payment never answered. The deadline is a question to Postgres, so that nothing is forgotten when
/// Redis is wiped; the lock only keeps the replicas from asking it all at once, and a lost lock does no harm: cancelling is
/// decided by the order's own row.
/// </summary>
public sealed partial class OverdueOrders(
    OrderReader orders, IGrainFactory grains, RedisLocks locks, PaymentDeadlineOptions options, TimeProvider clock, ILogger<OverdueOrders> logger) : BackgroundService
{
    private const int BatchSize = 200;

    /// <summary>Cancels what is overdue now, and answers how many orders it looked at.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var overdue = await orders.OverdueAsync(clock.GetUtcNow() - options.Deadline, BatchSize, cancellationToken);
        foreach (var id in overdue)
            await grains.GetGrain<IOrderMovesGrain>(id).CancelOverdueAsync($"No payment within {options.Deadline.TotalMinutes:0.#} minutes.");
        if (overdue.Count > 0)
            LogCancelled(logger, overdue.Count, options.Deadline);
        return overdue.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var turn = await locks.TryAcquireAsync("orders:overdue", TimeSpan.FromSeconds(10), stoppingToken);
                if (turn is null)
                    continue;

                using var held = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, turn.Lost);
                while (await SweepAsync(held.Token) == BatchSize)
                {
                    // a full batch: there may be more
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, exception, options.Interval);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Cancelled {Count} orders whose payment did not answer within {Deadline}")]
    private static partial void LogCancelled(ILogger logger, int count, TimeSpan deadline);

    [LoggerMessage(2, LogLevel.Warning, "Looking for overdue orders failed; the next try is in {Interval}")]
    private static partial void LogFailed(ILogger logger, Exception exception, TimeSpan interval);
}
