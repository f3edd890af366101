using Shop.Contracts.Orders;

namespace Shop.Orders.Checkout;

/// <summary>A product's row while its stock is locked.</summary>
public sealed record StockRow(string Sku, string Name, decimal Price, int Available);

/// <summary>
/// Deals the locked stock out to the orders of a batch, first come first served. An order takes all of its lines or none,
/// so that an order that fails leaves the stock to those behind it.
/// </summary>
public sealed class StockAllocation(IEnumerable<StockRow> locked)
{
    private readonly Dictionary<string, StockRow> _rows = locked.ToDictionary(static row => row.Sku, StringComparer.Ordinal);
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);

    /// <summary>What the batch took of each SKU.</summary>
    public IReadOnlyDictionary<string, int> Taken => _taken;

    /// <summary>Takes the stock for one order; null lines when <paramref name="refusal"/> says which SKU it failed at.</summary>
    public IReadOnlyList<OrderLine>? TryTake(PlaceOrder order, out PlaceOrderResult? refusal)
    {
        refusal = null;
        var wanted = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in order.Lines)
        {
            if (!_rows.TryGetValue(line.Sku, out var row))
            {
                refusal = new PlaceOrderResult(PlaceOrderOutcome.UnknownSku, Sku: line.Sku);
                return null;
            }

            wanted[line.Sku] = wanted.GetValueOrDefault(line.Sku) + line.Quantity;
            if (_taken.GetValueOrDefault(line.Sku) + wanted[line.Sku] > row.Available)
            {
                refusal = new PlaceOrderResult(PlaceOrderOutcome.OutOfStock, Sku: line.Sku);
                return null;
            }
        }

        foreach (var (sku, quantity) in wanted)
            _taken[sku] = _taken.GetValueOrDefault(sku) + quantity;
        return [.. order.Lines.Select(line => new OrderLine(line.Sku, _rows[line.Sku].Name, line.Quantity, _rows[line.Sku].Price))];
    }
}
