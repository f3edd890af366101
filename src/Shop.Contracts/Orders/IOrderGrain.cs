namespace Shop.Contracts.Orders;

/// <summary>One order; the key is its id (UUIDv7). Lives in Shop.Orders.</summary>
[Alias("IOrderGrain")]
public interface IOrderGrain : IGrainWithGuidKey
{
    /// <summary>Places the order. Answers after the commit. May be repeated: the customer's idempotency key decides.</summary>
    [Alias("Place")]
    Task<PlaceOrderResult> PlaceAsync(PlaceOrder command);

    /// <summary>The order, or null when it does not exist or belongs to another customer. May be repeated.</summary>
    [Alias("Get")]
    Task<Order?> GetAsync(string customer);

    /// <summary>Every status that the order has had after version <paramref name="after"/>, oldest first; empty for an order that does not exist. Whose order it is, the caller has checked. May be repeated.</summary>
    [Alias("History")]
    Task<IReadOnlyList<OrderStatusChange>> HistoryAsync(int after);

    /// <summary>What the order's receipt needs, for services: it carries the e-mail address, which stands in no event and in no public answer. Null for an order that does not exist. May be repeated.</summary>
    [Alias("Receipt")]
    Task<OrderReceipt?> ReceiptAsync();

    /// <summary>Cancels the order. May be repeated: a cancelled order stays cancelled.</summary>
    [Alias("Cancel")]
    Task<CancelOrderResult> CancelAsync(string customer);
}

/// <summary>The orders of one customer; the key is the customer. Lives in Shop.Orders.</summary>
[Alias("ICustomerOrdersGrain")]
public interface ICustomerOrdersGrain : IGrainWithStringKey
{
    /// <summary>Up to <paramref name="take"/> orders, newest first, that were placed before the order <paramref name="after"/>. May be repeated.</summary>
    [Alias("List")]
    Task<IReadOnlyList<Order>> ListAsync(Guid? after, int take);
}

/// <summary>What the customer asks for.</summary>
/// <param name="Customer">Who buys.</param>
/// <param name="IdempotencyKey">The customer's key for this order: the same key places one order.</param>
/// <param name="CardToken">From <see cref="Payments.PaymentCard"/>.</param>
/// <param name="Lines">One or more, each SKU once.</param>
/// <param name="Email">Where the receipt goes; null: there is none.</param>
[GenerateSerializer, Immutable, Alias("PlaceOrder")]
public sealed record PlaceOrder(
    [property: Id(0)] string Customer,
    [property: Id(1)] string IdempotencyKey,
    [property: Id(2)] string CardToken,
    [property: Id(3)] IReadOnlyList<OrderedItem> Lines,
    [property: Id(4)] string? Email = null);

/// <summary>A product and how many of it.</summary>
[GenerateSerializer, Immutable, Alias("OrderedItem")]
public sealed record OrderedItem([property: Id(0)] string Sku, [property: Id(1)] int Quantity);

/// <summary>How placing ended.</summary>
public enum PlaceOrderOutcome
{
    /// <summary>A new order is committed.</summary>
    Placed,

    /// <summary>The key was used before for the same request: this is that order.</summary>
    AlreadyPlaced,

    /// <summary>The key was used before for another request.</summary>
    KeyReused,

    /// <summary>A SKU is not in the catalogue.</summary>
    UnknownSku,

    /// <summary>There is not enough stock of a SKU.</summary>
    OutOfStock,
}

/// <summary>The answer to <see cref="IOrderGrain.PlaceAsync"/>.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Order">The order, when there is one.</param>
/// <param name="Sku">The SKU that is unknown or out of stock.</param>
[GenerateSerializer, Immutable, Alias("PlaceOrderResult")]
public sealed record PlaceOrderResult([property: Id(0)] PlaceOrderOutcome Outcome, [property: Id(1)] Order? Order = null, [property: Id(2)] string? Sku = null);

/// <summary>How cancelling ended.</summary>
public enum CancelOrderOutcome
{
    /// <summary>The order is cancelled (now or before).</summary>
    Cancelled,

    /// <summary>No such order of this customer.</summary>
    NotFound,

    /// <summary>The order's status does not allow it.</summary>
    NotAllowed,
}

/// <summary>The answer to <see cref="IOrderGrain.CancelAsync"/>, with the order as it is now.</summary>
[GenerateSerializer, Immutable, Alias("CancelOrderResult")]
public sealed record CancelOrderResult([property: Id(0)] CancelOrderOutcome Outcome, [property: Id(1)] Order? Order = null);

/// <summary>An order as its customer sees it.</summary>
[GenerateSerializer, Immutable, Alias("Order")]
public sealed record Order(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Customer,
    [property: Id(2)] OrderStatus Status,
    [property: Id(3)] Money Total,
    [property: Id(4)] IReadOnlyList<OrderLine> Lines,
    [property: Id(5)] DateTimeOffset PlacedAt,
    [property: Id(6)] string? Reason,
    [property: Id(7)] int Version);

/// <summary>What the receipt of an order needs.</summary>
/// <param name="Order">The order as it is now.</param>
/// <param name="Email">Where the customer wanted the receipt; null: nowhere.</param>
[GenerateSerializer, Immutable, Alias("OrderReceipt")]
public sealed record OrderReceipt([property: Id(0)] Order Order, [property: Id(1)] string? Email);

/// <summary>One step in the life of an order.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Version">1 for Placed, and one more with every step, without gaps.</param>
/// <param name="Status">The status from then on.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Reason">Why, for Declined and Cancelled.</param>
[GenerateSerializer, Immutable, Alias("OrderStatusChange")]
public sealed record OrderStatusChange([property: Id(0)] Guid OrderId, [property: Id(1)] int Version, [property: Id(2)] OrderStatus Status, [property: Id(3)] DateTimeOffset At, [property: Id(4)] string? Reason);
