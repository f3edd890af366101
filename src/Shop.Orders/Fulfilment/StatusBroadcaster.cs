using System.Diagnostics;
using System.Threading.Channels;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Orders.Fulfilment;

/// <summary>
/// Appends each new status to the order's live log, after its commit and outside the caller's way: an order is never kept
/// waiting by Redis. What is lost here (Redis away, a killed process, a full buffer) is no loss: the durable history fills
/// the log's holes for whoever reads.
/// </summary>
public sealed partial class StatusBroadcaster(LiveLog<OrderStatusChange> log, ILogger<StatusBroadcaster> logger) : BackgroundService
{
    private const int Parallelism = 32;

    private readonly Channel<(OrderStatusChange Change, ActivityContext Trace)> _waiting =
        Channel.CreateBounded<(OrderStatusChange, ActivityContext)>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Takes a committed change; returns at once.</summary>
    public void Post(OrderStatusChange change) => _waiting.Writer.TryWrite((change, Activity.Current?.Context ?? default));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Parallel.ForEachAsync(
            _waiting.Reader.ReadAllAsync(CancellationToken.None),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = CancellationToken.None },
            async (item, _) => await AppendAsync(item.Change, item.Trace));

    private async Task AppendAsync(OrderStatusChange change, ActivityContext trace)
    {
        using var activity = OrdersTelemetry.Source.StartActivity("order status broadcast", ActivityKind.Internal, trace);
        try
        {
            await log.AppendAsync(LiveLogs.Order(change.OrderId), change.Version, change);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception.GetType().FullName);
            LogLost(logger, change.OrderId, change.Status, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The status {Status} of order {OrderId} was not sent live ({Error}); readers get it from the history")]
    private static partial void LogLost(ILogger logger, Guid orderId, OrderStatus status, string error);
}
