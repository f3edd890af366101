using System.Globalization;
using Shop.Contracts.Orders;
using Shop.Web.Catalogue;
using Shop.Web.Customers;
using Shop.Web.Orders;

namespace Shop.Web.Carts;

/// <summary>
/// Turns a cart into an order, once: the cart's key is the order's idempotency key, so that a form that is sent twice, or sent again
/// after a crash between the order and the cart, finds the order that the first one placed.
/// </summary>
internal sealed class Checkout(ShoppingCarts carts, CartStore store, CatalogueReader catalogue, CustomerOrders orders)
{
    public async Task<CheckoutResult> PlaceAsync(HttpContext context, CheckoutForm form)
    {
        var account = Guid.Parse(context.User.Customer());
        var view = await carts.ReadAsync(context, catalogue);
        if (view.Cart?.PlacedKey is { } placed && placed == form.Key && view.Cart.PlacedOrder is { } earlier)
            return new CheckoutResult(earlier);
        if (view.Cart is not { } cart || !view.CanBeOrdered)
            return new CheckoutResult("Your cart is not ready to be ordered: look at it once more.");
        if (form.Key != cart.CheckoutKey || form.Total != Text(view.Total))
            return new CheckoutResult("Your cart, or a price, has changed since you opened this page. Look at the new total, and place the order when it is right.");

        var request = new PlaceOrderRequest([.. view.Lines.Select(static line => new LineRequest(line.Sku, line.Quantity))], form.Card);
        if (request.Validate(account.ToString(), cart.CheckoutKey.ToString(), out var errors) is not { } command)
            return errors.TryGetValue("card", out var wrong) ? CheckoutResult.WrongCard(string.Join(' ', wrong)) : new CheckoutResult(string.Join(' ', errors.Values.SelectMany(static messages => messages)));

        var (_, result) = await orders.PlaceAsync(context.User, command, context.RequestAborted);
        if (result is { Outcome: PlaceOrderOutcome.Placed or PlaceOrderOutcome.AlreadyPlaced, Order: { } order })
        {
            await store.PlacedAsync(account, cart.CheckoutKey, order.Id, [.. view.Lines.Select(static line => line.Sku)], context.RequestAborted);
            return new CheckoutResult(order.Id);
        }

        if (result.Outcome == PlaceOrderOutcome.KeyReused)
            await store.RenewKeyAsync(account, cart.CheckoutKey, context.RequestAborted);
        return new CheckoutResult(result.Outcome switch
        {
            PlaceOrderOutcome.KeyReused => "This cart was ordered a moment ago, and changed since. Your orders show the first; place this one if you want it too.",
            PlaceOrderOutcome.OutOfStock => $"There is not enough of {NameOf(view, result.Sku)} any more. Change your cart, and order the rest.",
            PlaceOrderOutcome.UnknownSku => $"We do not sell {NameOf(view, result.Sku)} any more. Take it out of your cart, and order the rest.",
            _ => throw new InvalidOperationException($"The order grain answered {result.Outcome} without saying what for."),
        });
    }

    /// <summary>The total as the form carries it.</summary>
    public static string Text(decimal total) => total.ToString("0.00", CultureInfo.InvariantCulture);

    private static string NameOf(CartView view, string? sku) => view.Lines.FirstOrDefault(line => line.Sku == sku)?.Product?.Name ?? $"'{sku}'";
}

/// <summary>What the checkout page sends.</summary>
/// <param name="Key">The cart's key when the page was made.</param>
/// <param name="Total">The total that the customer saw.</param>
/// <param name="Card">A card number.</param>
internal sealed record CheckoutForm(Guid? Key, string? Total, string? Card);

/// <summary>The order, or why there is none; a wrong card is said beside its field.</summary>
internal sealed record CheckoutResult(Guid? Order, string? Error, string? CardError)
{
    public CheckoutResult(Guid order)
        : this(order, null, null)
    {
    }

    public CheckoutResult(string error)
        : this(null, error, null)
    {
    }

    public static CheckoutResult WrongCard(string error) => new(null, null, error);
}
