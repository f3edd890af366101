using CsCheck;
using Shop.Contracts.Orders;
using Shop.Orders.Checkout;
using Xunit;

namespace Shop.Tests.Orders;

public sealed class StockAllocationTests
{
    private static readonly Gen<StockRow[]> Stock =
        Gen.Int[0, 10].Array[3].Select(static available => available.Select(static (count, index) => new StockRow($"S{index}", $"Product {index}", 10 + index, count)).ToArray());

    private static readonly Gen<PlaceOrder[]> Orders =
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 5], static (sku, quantity) => new OrderedItem($"S{sku}", quantity)).Array[1, 4]
            .Select(static lines => new PlaceOrder("ada", "key", "tok_4242", lines)).Array[1, 20];

    [Fact]
    public void A_batch_never_takes_more_than_there_is_and_an_order_takes_all_or_nothing() =>
        Gen.Select(Stock, Orders).Sample((stock, orders) =>
        {
            var allocation = new StockAllocation(stock);
            var expected = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var order in orders)
            {
                if (allocation.TryTake(order, out var refusal) is { } lines)
                {
                    Assert.Null(refusal);
                    Assert.Equal(order.Lines.Select(static line => (line.Sku, line.Quantity)), lines.Select(static line => (line.Sku, line.Quantity)));
                    foreach (var line in lines)
                        expected[line.Sku] = expected.GetValueOrDefault(line.Sku) + line.Quantity;
                }
                else
                {
                    Assert.Contains(order.Lines, line => line.Sku == refusal!.Sku);
                }
            }

            Assert.Equal(expected.OrderBy(static pair => pair.Key, StringComparer.Ordinal), allocation.Taken.OrderBy(static pair => pair.Key, StringComparer.Ordinal));
            Assert.All(stock, row => Assert.True(expected.GetValueOrDefault(row.Sku) <= row.Available));
        });

    [Fact]
    public void An_order_that_fits_is_not_refused_because_of_a_bigger_one_before_it()
    {
        var allocation = new StockAllocation([new StockRow("S0", "Print", 250, 5)]);

        Assert.Null(allocation.TryTake(new PlaceOrder("ada", "1", "tok_4242", [new OrderedItem("S0", 6)]), out var refusal));
        Assert.NotNull(allocation.TryTake(new PlaceOrder("bob", "2", "tok_4242", [new OrderedItem("S0", 5)]), out _));

        Assert.Equal(PlaceOrderOutcome.OutOfStock, refusal!.Outcome);
        Assert.Equal("S0", refusal.Sku);
    }

    [Fact]
    public void A_sku_that_is_not_in_the_catalogue_is_named()
    {
        var allocation = new StockAllocation([new StockRow("S0", "Print", 250, 5)]);

        Assert.Null(allocation.TryTake(new PlaceOrder("ada", "1", "tok_4242", [new OrderedItem("S0", 1), new OrderedItem("NOPE", 1)]), out var refusal));

        Assert.Equal((PlaceOrderOutcome.UnknownSku, "NOPE"), (refusal!.Outcome, refusal.Sku));
        Assert.Empty(allocation.Taken);
    }
}
