using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Contracts.Orders;

namespace Shop.Orders;

/// <summary>What the business asks about orders: source and meter <c>Shop.Orders</c>.</summary>
internal static class OrdersTelemetry
{
    public const string Name = "Shop.Orders";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Placements = Meter.CreateCounter<long>("shop.orders.placements", "{order}", "Answers to requests to place an order, by outcome.");
    private static readonly Counter<long> Moves = Meter.CreateCounter<long>("shop.orders.moves", "{order}", "Orders moved on, by the status they came to.");
    private static readonly Histogram<double> ToPaid = Meter.CreateHistogram<double>("shop.orders.to_paid", "s", "From the placement of an order to its payment.");

    public static void Placement(PlaceOrderOutcome outcome) =>
        Placements.Add(1, new KeyValuePair<string, object?>("shop.order.outcome", outcome.ToString()));

    public static void Moved(OrderStatus status, TimeSpan sincePlaced)
    {
        Moves.Add(1, new KeyValuePair<string, object?>("shop.order.status", status.ToString()));
        if (status == OrderStatus.Paid)
            ToPaid.Record(sincePlaced.TotalSeconds);
    }
}
