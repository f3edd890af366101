using Microsoft.Extensions.DependencyInjection;
using Shop.Notifications.Feeds;
using Xunit;

namespace Shop.Tests.Notifications;

public sealed class FeedStoreTests(Servers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sequences_have_no_holes_and_no_repeats_however_many_replicas_write()
    {
        await using var first = await CreateAsync();
        await using var second = first.Replica(Register);

        var told = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => (i % 2 == 0 ? first : second).Get<FeedStore>().TellAsync(Telling($"c{i % 3}"), Cancelled)));

        Assert.Equal(120, told.Length);
        for (var customer = 0; customer < 3; customer++)
        {
            var feed = await first.Get<FeedStore>().ReadAsync($"c{customer}", after: 0, take: 100, Cancelled);
            Assert.Equal(Enumerable.Range(1, 40).Select(static sequence => (long)sequence), feed.Select(static notification => notification.Sequence));
        }
    }

    [Fact]
    public async Task An_event_is_told_once_and_keeps_its_sequence()
    {
        await using var sandbox = await CreateAsync();
        var feeds = sandbox.Get<FeedStore>();
        var telling = Telling("ada");

        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => feeds.TellAsync(telling, Cancelled)));
        var later = await feeds.TellAsync(Telling("ada"), Cancelled);

        Assert.All(all, static notification => Assert.Equal(1, notification.Sequence));
        Assert.Equal(2, later.Sequence);
        Assert.Equal(1, (await feeds.TellAsync(telling, Cancelled)).Sequence);
        Assert.Equal(2, (await feeds.ReadAsync("ada", 0, 10, Cancelled)).Count);
    }

    [Fact]
    public async Task A_feed_is_read_from_where_the_reader_was()
    {
        await using var sandbox = await CreateAsync();
        var feeds = sandbox.Get<FeedStore>();
        for (var i = 0; i < 5; i++)
            await feeds.TellAsync(Telling("ada"), Cancelled);

        Assert.Equal([3L, 4L], (await feeds.ReadAsync("ada", after: 2, take: 2, Cancelled)).Select(static notification => notification.Sequence));
        Assert.Empty(await feeds.ReadAsync("bob", after: 0, take: 2, Cancelled));
    }

    private static void Register(IServiceCollection services, string prefix) => services.AddSingleton<FeedStore>();

    private Task<ServiceSandbox> CreateAsync() => ServiceSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection, typeof(FeedStore).Assembly, Register);

    private static Telling Telling(string customer) =>
        new(Guid.CreateVersion7(), customer, "order-paid", "Paid.", Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
}
