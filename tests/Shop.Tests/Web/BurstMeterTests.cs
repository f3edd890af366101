using Microsoft.Extensions.Time.Testing;
using Shop.Contracts;
using Shop.Web.Bursts;
using Xunit;

namespace Shop.Tests.Web;

public sealed class BurstMeterTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Rates_and_latencies_are_of_the_last_seconds_and_counts_of_all()
    {
        var meter = new BurstMeter(Guid.Empty, 100, _clock);
        for (var i = 1; i <= 20; i++)
        {
            meter.Placed(TimeSpan.FromMilliseconds(i));
            meter.Paid(TimeSpan.FromMilliseconds(10 * i));
        }

        meter.Failed();
        _clock.Advance(TimeSpan.FromSeconds(4));
        var early = meter.Sample();
        _clock.Advance(TimeSpan.FromSeconds(4));
        meter.Paid(TimeSpan.FromMilliseconds(7));
        var late = meter.Sample(ended: true);

        Assert.Equal((1, 20, 20, 1, 5d), (early.Number, early.Placed, early.Paid, early.Failed, early.PaidPerSecond));
        Assert.Equal((10d, 19d, 100d, 190d), (early.PlaceP50, early.PlaceP95, early.PaidP50, early.PaidP95));
        Assert.Equal((2, 21, 0.2, true), (late.Number, late.Paid, late.PaidPerSecond, late.Ended));
        Assert.Equal((null, null, 7d, 7d), (late.PlaceP50, late.PlaceP95, late.PaidP50, late.PaidP95));
    }

    [Fact]
    public void Simulated_shoppers_are_known_by_their_ids()
    {
        var ids = Enumerable.Range(1, SimulatedShoppers.Count).Select(SimulatedShoppers.Id).ToArray();

        Assert.Equal(SimulatedShoppers.Count, ids.Distinct().Count());
        Assert.All(ids, static id => Assert.True(SimulatedShoppers.Is(id) && Guid.TryParse(id, out _)));
        Assert.False(SimulatedShoppers.Is(Guid.CreateVersion7().ToString()));
        Assert.Throws<ArgumentOutOfRangeException>(static () => SimulatedShoppers.Id(SimulatedShoppers.Count + 1));
    }

    [Theory]
    [InlineData(0, 50, 30, "MaxOrders is 0")]
    [InlineData(1, 51, 30, "MaxShoppers is 51")]
    [InlineData(1, 0, 30, "MaxShoppers is 0")]
    [InlineData(1, 1, 0, "Patience is 00:00:00")]
    public void A_cap_that_is_none_stops_the_start(int orders, int shoppers, int seconds, string said)
    {
        var result = new BurstOptionsCheck().Validate(null, new BurstOptions { MaxOrders = orders, MaxShoppers = shoppers, Patience = TimeSpan.FromSeconds(seconds) });

        Assert.Contains(said, result.FailureMessage, StringComparison.Ordinal);
    }
}
