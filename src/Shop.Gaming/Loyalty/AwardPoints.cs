using MassTransit;
using Shop.Contracts;
using Shop.Contracts.Gaming;
using Shop.Contracts.Orders;
using Shop.Gaming.Scores;

namespace Shop.Gaming.Loyalty;

/// <summary>
/// Group <c>gaming</c> of the stream <c>orders</c>: a paid order earns a point for each whole unit of currency; a refund takes
/// them back, if they were given. The ledger's key is made of the order's id, so that a repeated event counts once and still
/// reaches a board that an earlier delivery did not.
/// </summary>
public sealed class AwardPoints(GameBoards boards, Ledger ledger) : IConsumer<OrderPaid>, IConsumer<OrderRefunded>
{
    public Task Consume(ConsumeContext<OrderPaid> context)
    {
        var order = context.Message;
        if (SimulatedShoppers.Is(order.Customer))
            return Task.CompletedTask; // they would be the best customers
        return boards.RecordAsync(
            new LedgerEntry(Earned(order.OrderId), Boards.Loyalty, order.Customer, (long)Math.Floor(order.Total.Amount), order.PaidAt), context.CancellationToken);
    }

    public async Task Consume(ConsumeContext<OrderRefunded> context)
    {
        var order = context.Message;
        if (await ledger.FindAsync(Earned(order.OrderId), context.CancellationToken) is { } earned)
        {
            await boards.RecordAsync(
                new LedgerEntry($"refunded:{order.OrderId}", Boards.Loyalty, order.Customer, -earned.Score, order.RefundedAt), context.CancellationToken);
        }
    }

    private static string Earned(Guid orderId) => $"paid:{orderId}";
}
