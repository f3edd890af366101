using System.Net;
using System.Text.Json;
using Shop.Redis.Locks;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>Streams, dead letters and locks as an operator reads them over HTTP, figure by figure.</summary>
public sealed class OperationsFiguresTests(Servers servers) : IAsyncLifetime
{
    private OperationsHost _host = null!;

    private IDatabase Redis => servers.Redis.Connection.GetDatabase();

    private RedisKey Stream => $"{_host.Prefix}orders:{{0}}";

    public async ValueTask InitializeAsync() => _host = await OperationsHost.StartAsync(servers);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_group_shows_what_it_has_not_read_what_it_holds_and_for_how_long()
    {
        await AppendAsync(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(1));
        await Redis.StreamCreateConsumerGroupAsync(Stream, "payments", "0");
        Assert.Equal(2, (await Redis.StreamReadGroupAsync(Stream, "payments", "one", ">", count: 2)).Length);
        await DieAsync();

        var (status, one) = await _host.GetAsync("/streams/orders");
        var all = (await _host.GetAsync("/streams")).Body.GetProperty("items");

        Assert.Equal(HttpStatusCode.OK, status);
        foreach (var stream in (JsonElement[])[one, all[0]])
        {
            Assert.Equal(("orders", 3, 1), (stream.GetProperty("stream").GetString(), stream.GetProperty("length").GetInt64(), stream.GetProperty("deadLetters").GetInt64()));
            var group = Assert.Single(stream.GetProperty("groups").EnumerateArray());
            Assert.Equal(("payments", 1, 2), (group.GetProperty("group").GetString(), group.GetProperty("lag").GetInt64(), group.GetProperty("pending").GetInt64()));
            Assert.InRange(group.GetProperty("oldestPendingSeconds").GetDouble(), 300, 400);
            var consumer = Assert.Single(group.GetProperty("consumers").EnumerateArray());
            Assert.Equal(("one", 2), (consumer.GetProperty("consumer").GetString(), consumer.GetProperty("pending").GetInt64()));
            Assert.InRange(consumer.GetProperty("idleSeconds").GetDouble(), 0, 100);
        }
    }

    [Fact]
    public async Task Dead_letters_are_counted_stream_by_stream()
    {
        await DieAsync();
        await DieAsync();

        var (status, counts) = await _host.GetAsync("/dead-letters");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            [("orders", 2L), ("payments", 0L), ("catalogue", 0L)],
            counts.GetProperty("items").EnumerateArray().Select(static one => (one.GetProperty("stream").GetString()!, one.GetProperty("count").GetInt64())));
    }

    [Fact]
    public async Task A_held_lock_shows_who_holds_it_since_when_until_when_and_who_waits()
    {
        await using var locks = new RedisLocks(servers.Redis.Connection, _host.Prefix);
        await using var held = await locks.AcquireAsync("till", TimeSpan.FromMinutes(10), TimeSpan.Zero, TestContext.Current.CancellationToken);
        await HeldForAsync(held, TimeSpan.FromSeconds(90));
        using var leave = new CancellationTokenSource();
        var waiting = locks.AcquireAsync("till", TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), leave.Token);
        await Eventually.TrueAsync(async () => (await locks.InspectAsync("till"))!.Waiting == 1, "the second stands in the queue");

        var (status, body) = await _host.GetAsync("/locks");

        Assert.Equal((HttpStatusCode.OK, 1), (status, body.GetProperty("total").GetInt32()));
        var item = Assert.Single(body.GetProperty("items").EnumerateArray());
        Assert.Equal(
            ("till", held.Owner, held.FencingToken, 1),
            (item.GetProperty("resource").GetString(), item.GetProperty("owner").GetString(), item.GetProperty("fencingToken").GetInt64(), item.GetProperty("waiting").GetInt32()));
        Assert.InRange(item.GetProperty("ageSeconds").GetDouble(), 90, 190);
        Assert.InRange(item.GetProperty("expiresInSeconds").GetDouble(), 300, 600);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Entries as old as said: the time is in their ids.</summary>
    private async Task AppendAsync(params TimeSpan[] ages)
    {
        foreach (var age in ages)
            await Redis.StreamAddAsync(Stream, "data", "{}", messageId: $"{(TimeProvider.System.GetUtcNow() - age).ToUnixTimeMilliseconds()}-0");
    }

    private Task DieAsync() => Redis.StreamAddAsync($"{Stream}:dead", [new("dead-group", "payments"), new("dead-entry", "1-1"), new("dead-reason", "the till was shut"), new("dead-at", 1_795_521_600)]);

    /// <summary>Sets the moment back since when the lock is held.</summary>
    private async Task HeldForAsync(LockHandle held, TimeSpan age)
    {
        var since = (TimeProvider.System.GetUtcNow() - age).ToUnixTimeMilliseconds() * 1000;
        Assert.True(await Redis.StringSetAsync($"{_host.Prefix}lock:{{till}}", FormattableString.Invariant($"{held.FencingToken} {since} {held.Owner}"), expiry: null, keepTtl: true, when: When.Exists));
    }
}
