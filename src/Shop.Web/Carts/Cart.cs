using Shop.Web.Catalogue;

namespace Shop.Web.Carts;

/// <summary>A cart as it is stored.</summary>
/// <param name="CheckoutKey">The idempotency key of the order that it becomes.</param>
/// <param name="PlacedKey">The key of the last order that it became.</param>
/// <param name="PlacedOrder">That order.</param>
internal sealed record Cart(Guid CheckoutKey, Guid? PlacedKey, Guid? PlacedOrder, IReadOnlyList<CartItem> Items);

/// <summary>A product in a cart.</summary>
internal sealed record CartItem(string Sku, int Quantity);

/// <summary>A cart as its page shows it, with the products of the moment.</summary>
internal sealed record CartView(Cart? Cart, IReadOnlyList<CartLine> Lines)
{
    public decimal Total => Lines.Sum(static line => line.Total);

    public int Count => Lines.Sum(static line => line.Quantity);

    /// <summary>Whether the shop can sell it as it is.</summary>
    public bool CanBeOrdered => Lines.Count > 0 && Lines.All(static line => line.Problem is null);
}

/// <summary>A line of a cart; the product is null when the shop does not sell it any more.</summary>
internal sealed record CartLine(string Sku, int Quantity, ProductView? Product)
{
    public decimal Total => Quantity * (Product?.Price ?? 0);

    /// <summary>Why it cannot be ordered; null: it can.</summary>
    public string? Problem => Product switch
    {
        null => "We do not sell this any more. Remove it to go on.",
        { Stock: 0 } => "This is sold out. Remove it to go on.",
        { Stock: var stock } when stock < Quantity => FormattableString.Invariant($"There are only {stock} left. Change the quantity to go on."),
        _ => null,
    };
}
