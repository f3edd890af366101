using Shop.Redis.Locks;
using Xunit;

namespace Shop.Redis.Tests.Locks;

public sealed class LockOptionsTests(OwnRedis server) : IClassFixture<OwnRedis>
{
    public static TheoryData<LockOptions, string> Wrong => new()
    {
        { new LockOptions { Owner = " " }, "Owner" },
        { new LockOptions { WaiterExpiry = TimeSpan.FromMilliseconds(299) }, "WaiterExpiry" },
        { new LockOptions { LostMargin = 0.6 }, "LostMargin is 0.6" },
        { new LockOptions { LostMargin = double.NaN }, "LostMargin" },
        { new LockOptions { TokenMemory = TimeSpan.FromSeconds(-1) }, "TokenMemory" },
        { new LockOptions { ReleaseTimeout = TimeSpan.Zero }, "ReleaseTimeout" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Wrong))]
    public void An_option_out_of_range_is_named(LockOptions options, string named)
    {
        var exception = Assert.Throws<ArgumentException>(() => new RedisLocks(server.Connection, "shop:", options));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("}x")]
    public async Task A_resource_needs_a_name_that_makes_a_hash_tag(string resource)
    {
        await using var locks = new RedisLocks(server.Connection, "shop:");
        await Assert.ThrowsAsync<ArgumentException>(() => locks.TryAcquireAsync(resource, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_ttl_below_100_ms_is_refused()
    {
        await using var locks = new RedisLocks(server.Connection, "shop:");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => locks.TryAcquireAsync("till", TimeSpan.FromMilliseconds(99), TestContext.Current.CancellationToken));
    }
}
