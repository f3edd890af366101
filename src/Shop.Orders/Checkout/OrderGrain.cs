using Shop.Contracts.Orders;
using Shop.Orders.Fulfilment;

namespace Shop.Orders.Checkout;

/// <summary>
/// One order. The grain takes the requests of an order one after another and keeps what it read; every decision is made
/// again on the locked row in Postgres, so that a second activation (a silo taken for dead) can do no harm.
/// </summary>
[CollectionAgeLimit(Minutes = 2)]
public sealed class OrderGrain(OrderPlacement placement, OrderMoves moves, OrderReader orders, StatusBroadcaster live) : Grain, IOrderGrain, IOrderMovesGrain
{
    private OrderReceipt? _known;

    private Guid Id => this.GetPrimaryKey();

    public async Task<PlaceOrderResult> PlaceAsync(PlaceOrder command)
    {
        var result = await placement.PlaceAsync(Placement.Of(Id, command));
        if (result is { Outcome: PlaceOrderOutcome.Placed, Order: { } order })
            _known = new OrderReceipt(order, command.Email);
        return result;
    }

    public async Task<Order?> GetAsync(string customer)
    {
        var order = (await ReceiptAsync())?.Order;
        return order?.Customer == customer ? order : null;
    }

    public Task<IReadOnlyList<OrderStatusChange>> HistoryAsync(int after) => orders.HistoryAsync(Id, after);

    public async Task<OrderReceipt?> ReceiptAsync() => _known ??= await orders.ReceiptAsync(Id);

    public async Task<CancelOrderResult> CancelAsync(string customer)
    {
        if (await GetAsync(customer) is null)
            return new CancelOrderResult(CancelOrderOutcome.NotFound);

        var result = await MoveAsync(new OrderMove(Id, OrderStatus.Cancelled, "Cancelled by the customer."));
        var outcome = result.Status is OrderStatus.Cancelled or OrderStatus.Refunded ? CancelOrderOutcome.Cancelled : CancelOrderOutcome.NotAllowed;
        return new CancelOrderResult(outcome, await GetAsync(customer));
    }

    public async Task ApplyPaymentAsync(Guid eventId, OrderStatus to, string? reason)
    {
        var result = await MoveAsync(new OrderMove(Id, to, reason, eventId));
        if (!result.Found)
            throw new InvalidOperationException($"Payments speaks of the order {Id}, which does not exist here. Was the orders database restored to an earlier state?");
    }

    public Task CancelOverdueAsync(string reason) =>
        MoveAsync(new OrderMove(Id, OrderStatus.Cancelled, reason, OnlyFrom: OrderStatus.Placed));

    private async Task<OrderMoveResult> MoveAsync(OrderMove move)
    {
        var result = await moves.MoveAsync(move);
        if (result.Moved)
            live.Post(new OrderStatusChange(Id, result.Version, result.Status, result.At!.Value, result.Reason));
        if (_known is { Order: var order } && order.Version != result.Version)
            _known = _known with { Order = order with { Status = result.Status, Version = result.Version, Reason = result.Reason } };
        return result;
    }
}
