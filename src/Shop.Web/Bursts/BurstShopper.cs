using Polly.Timeout;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Redis.Live;
using Shop.Web.Catalogue;
using Shop.Web.Grains;
using Shop.Web.Orders;

namespace Shop.Web.Bursts;

/// <summary>
/// A simulated shopper: places an order as the public API does, follows it as a browser does until it is paid, and then cancels
/// it, so that the stock is back and the shop is as it was.
/// </summary>
internal sealed partial class BurstShopper(GrainCalls grains, CatalogueReader catalogue, LiveLog<OrderStatusChange> statuses, TimeProvider clock, ILogger<BurstShopper> logger)
{
    private const string PayingCard = "4242424242424242";

    /// <summary>What there is to buy.</summary>
    public async Task<IReadOnlyList<string>> ShelfAsync(CancellationToken cancellationToken)
    {
        var products = await catalogue.SearchAsync(null, 1, cancellationToken);
        var shelf = products.Items.Where(static product => product.Stock > 0).Select(static product => product.Sku).ToArray();
        return shelf.Length > 0 ? shelf : throw new InvalidOperationException("The catalogue's first page has nothing in stock: there is nothing to buy.");
    }

    public async Task ShopAsync(BurstOrder order, BurstMeter meter, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var id = Guid.CreateVersion7();
        var request = new PlaceOrderRequest([new LineRequest(order.Sku, 1)], PayingCard);
        var command = request.Validate(order.Customer, order.Key, out var errors)
            ?? throw new InvalidOperationException($"The order of a burst is not valid: {string.Join(' ', errors.Values.SelectMany(static texts => texts))}");
        Guid? open = id; // a call that failed may have placed it
        try
        {
            var placed = (await grains.CallAsync(factory => factory.GetGrain<IOrderGrain>(id).PlaceAsync(command), cancellationToken)).Order;
            open = placed?.Id;
            if (placed is null)
            {
                meter.Failed(); // out of stock
                return;
            }

            meter.Placed(clock.GetElapsedTime(began));
            using var patient = new CancellationTokenSource(patience, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patient.Token, cancellationToken);
            if (await IsPaidAsync(placed.Id, either.Token))
                meter.Paid(clock.GetElapsedTime(began));
            else
                meter.Failed();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && (exception is OperationCanceledException or TimeoutRejectedException || GrainCalls.IsPassing(exception)))
        {
            LogFailed(logger, order.Key, exception.Message);
            meter.Failed();
        }
        finally
        {
            if (open is { } left)
                await GiveBackAsync(left, order);
        }
    }

    private async Task<bool> IsPaidAsync(Guid order, CancellationToken cancellationToken)
    {
        await foreach (var change in statuses.ReadAsync(LiveLogs.Order(order), LiveCursor.Start, cancellationToken))
        {
            if (OrderStatusMoves.IsSettled(change.Value.Status))
                return change.Value.Status == OrderStatus.Paid;
        }

        return false;
    }

    /// <summary>Also when the burst was stopped meanwhile; it waits no longer than any call.</summary>
    private async Task GiveBackAsync(Guid id, BurstOrder order)
    {
        try
        {
            await grains.CallAsync(factory => factory.GetGrain<IOrderGrain>(id).CancelAsync(order.Customer), CancellationToken.None);
        }
        catch (Exception exception) when (exception is TimeoutRejectedException || GrainCalls.IsPassing(exception))
        {
            LogKept(logger, order.Key, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The order {Key} of a simulated shopper failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string key, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The order {Key} of a simulated shopper could not be cancelled, and keeps its stock: {Reason}")]
    private static partial void LogKept(ILogger logger, string key, string reason);
}

/// <summary>An order to place.</summary>
internal sealed record BurstOrder(string Customer, string Key, string Sku);
