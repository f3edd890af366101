using System.ComponentModel;
using System.Globalization;
using Shop.Contracts.Orders;
using Shop.Contracts.Payments;

namespace Shop.Web.Orders;

/// <summary>What a customer sends to place an order.</summary>
public sealed record PlaceOrderRequest(
    [property: Description("What to order, at least one line")] IReadOnlyList<LineRequest?>? Lines,
    [property: Description("A card number; 4242424242424242 pays, 4000000000000002 is declined")] string? Card)
{
    /// <summary>The most lines of one order.</summary>
    public const int MaxLines = 50;

    private const int MaxQuantity = 99;

    /// <summary>Checks everything at once. Lines with the same SKU become one. Null with the <paramref name="errors"/> by field.</summary>
    public PlaceOrder? Validate(string customer, string? idempotencyKey, out Dictionary<string, string[]> errors)
    {
        errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(idempotencyKey))
            errors["Idempotency-Key"] = ["Send the header Idempotency-Key with a value of your own for this order, so that a repeated request places it once."];
        else if (idempotencyKey.Length > 128)
            errors["Idempotency-Key"] = [Text($"The header has {idempotencyKey.Length} characters; it may have 128.")];

        if (Lines is not { Count: > 0 })
            errors["lines"] = ["An order needs at least one line."];
        else if (Lines.Count > MaxLines)
            errors["lines"] = [Text($"The order has {Lines.Count} lines; it may have {MaxLines}.")];

        var items = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < (Lines?.Count ?? 0); i++)
        {
            var (sku, quantity) = (Lines![i]?.Sku, Lines[i]?.Quantity);
            if (string.IsNullOrWhiteSpace(sku) || sku.Length > 64)
                errors[Text($"lines[{i}].sku")] = ["Name a product by its SKU; GET /api/products lists them."];
            if (quantity is not (>= 1 and <= MaxQuantity))
                errors[Text($"lines[{i}].quantity")] = [Text($"The quantity is {quantity?.ToString(CultureInfo.InvariantCulture) ?? "missing"}; it must be 1 to {MaxQuantity}.")];
            else if (sku is not null && (items[sku] = items.GetValueOrDefault(sku) + quantity.Value) > MaxQuantity)
                errors[Text($"lines[{i}].quantity")] = [Text($"The lines with the SKU '{sku}' add up to {items[sku]}; the most is {MaxQuantity}.")];
        }

        if (!PaymentCard.TryTokenise(Card, out var cardToken))
            errors["card"] = ["This is no card number: it needs 12 to 19 digits with a valid check digit. 4242424242424242 pays."];

        return errors.Count > 0
            ? null
            : new PlaceOrder(customer, idempotencyKey!, cardToken, [.. items.Select(static item => new OrderedItem(item.Key, item.Value))]);
    }

    /// <summary>The field of the first line with this SKU.</summary>
    public string FieldOf(string sku) =>
        Text($"lines[{Lines!.Select(static (line, index) => (line, index)).First(pair => pair.line?.Sku == sku).index}].sku");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One line of an order to place.</summary>
public sealed record LineRequest(string? Sku, [property: Description("1 to 99")] int? Quantity);
