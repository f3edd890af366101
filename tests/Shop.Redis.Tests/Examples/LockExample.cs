using Shop.Redis.Locks;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Examples;

public sealed class LockExample(OwnRedis server) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task One_at_a_time_across_machines()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        var written = new List<long>();
        Task ChargeAsync(long fencingToken, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            written.Add(fencingToken);
            return Task.CompletedTask;
        }

        // begin: README
        await using var locks = new RedisLocks(redis, shop);
        await using (var held = await locks.AcquireAsync("payment:42", ttl: TimeSpan.FromSeconds(30), wait: TimeSpan.FromSeconds(10), ct))
        {
            // The token goes into the write, so that the database can refuse a holder that woke up too late.
            await ChargeAsync(held.FencingToken, held.Lost);
        }
        // end: README

        await using var next = await locks.TryAcquireAsync("payment:42", TimeSpan.FromSeconds(30), ct);
        Assert.NotNull(next);
        Assert.True(next.FencingToken > Assert.Single(written));
    }
}
