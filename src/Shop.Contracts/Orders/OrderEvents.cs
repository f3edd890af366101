namespace Shop.Contracts.Orders;

/// <summary>One line of an order, at the price of the moment it was placed.</summary>
/// <param name="Sku">The product's stock-keeping unit.</param>
/// <param name="Name">The product's name at that time.</param>
/// <param name="Quantity">1 to 99.</param>
/// <param name="UnitPrice">The price of one, in the order's currency.</param>
[GenerateSerializer, Immutable, Alias("OrderLine")]
public sealed record OrderLine([property: Id(0)] string Sku, [property: Id(1)] string Name, [property: Id(2)] int Quantity, [property: Id(3)] decimal UnitPrice);

/// <summary>An order was accepted: its row and its stock are committed.</summary>
public sealed record OrderPlaced(Guid OrderId, string Customer, Money Total, string CardToken, IReadOnlyList<OrderLine> Lines, DateTimeOffset PlacedAt);

/// <summary>The payment of an order was captured.</summary>
public sealed record OrderPaid(Guid OrderId, string Customer, Money Total, DateTimeOffset PaidAt);

/// <summary>The payment of an order was refused; its stock is back.</summary>
public sealed record OrderDeclined(Guid OrderId, string Customer, Money Total, string Reason, DateTimeOffset DeclinedAt);

/// <summary>An order was cancelled; its stock is back. Payments gives back what it captured, or never captures.</summary>
public sealed record OrderCancelled(Guid OrderId, string Customer, Money Total, string Reason, DateTimeOffset CancelledAt);

/// <summary>The money of a cancelled order was given back.</summary>
public sealed record OrderRefunded(Guid OrderId, string Customer, Money Total, DateTimeOffset RefundedAt);
