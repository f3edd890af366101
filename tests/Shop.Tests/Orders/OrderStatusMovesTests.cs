using Shop.Contracts.Orders;
using Xunit;

namespace Shop.Tests.Orders;

public sealed class OrderStatusMovesTests
{
    private static readonly HashSet<(OrderStatus, OrderStatus)> Allowed =
    [
        (OrderStatus.Placed, OrderStatus.Paid),
        (OrderStatus.Placed, OrderStatus.Declined),
        (OrderStatus.Placed, OrderStatus.Cancelled),
        (OrderStatus.Paid, OrderStatus.Cancelled),
        (OrderStatus.Cancelled, OrderStatus.Refunded),
    ];

    [Fact]
    public void Exactly_five_moves_are_allowed()
    {
        foreach (var from in Enum.GetValues<OrderStatus>())
        {
            foreach (var to in Enum.GetValues<OrderStatus>())
                Assert.Equal(Allowed.Contains((from, to)), OrderStatusMoves.IsAllowed(from, to));
        }
    }

    [Fact]
    public void Stock_can_come_back_only_once_because_no_order_is_declined_and_cancelled()
    {
        static IEnumerable<OrderStatus[]> Paths(OrderStatus[] path) =>
            Enum.GetValues<OrderStatus>().Where(to => OrderStatusMoves.IsAllowed(path[^1], to)).SelectMany(to => Paths([.. path, to])).Prepend(path);

        foreach (var path in Paths([OrderStatus.Placed]))
            Assert.True(path.Count(static status => status is OrderStatus.Declined or OrderStatus.Cancelled) <= 1, string.Join(" → ", path));
    }

    [Fact]
    public void A_customer_waits_only_while_the_order_is_placed() =>
        Assert.Equal([OrderStatus.Placed], Enum.GetValues<OrderStatus>().Where(static status => !OrderStatusMoves.IsSettled(status)));
}
