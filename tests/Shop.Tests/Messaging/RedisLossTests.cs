using MassTransit;
using Npgsql;
using Shop.Messaging;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Messaging;

/// <summary>Redis comes back with less than it had; nothing that was committed is lost to the consumers, and nothing happens twice.</summary>
public sealed class RedisLossTests(Servers servers)
{
    [Fact]
    public async Task FLUSHALL_in_the_middle_of_a_burst_loses_no_event_and_repeats_no_effect()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await StartWithLedgerAsync(connection);

        await Task.WhenAll(BurstAsync(host, keys: 20, perKey: 20), FlushAsync(connection, times: 3));

        await BooksBalanceAsync(host, events: 400);
        Assert.Contains(host.Log.Lines, line => line.Message.StartsWith("Redis was wiped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wiped_stream_is_filled_again_from_the_outbox_in_order()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await MessagingHost.StartAsync(servers, redis: connection, sweepAfterSeconds: 1);
        await host.PublishAsync("a", [.. Enumerable.Range(1, 30)]);
        await host.PublishAsync("b", [.. Enumerable.Range(1, 30)]);
        await host.EntriesAsync(atLeast: 60);
        await host.AllPublishedAsync();

        await connection.GetServers()[0].FlushAllDatabasesAsync();

        var entries = await host.EntriesAsync(atLeast: 60);
        Assert.Equal(Enumerable.Range(1, 30), RelayTests.Numbers(entries, "a"));
        Assert.Equal(Enumerable.Range(1, 30), RelayTests.Numbers(entries, "b"));
        await host.AllPublishedAsync();
        Assert.Equal(60, (await host.EntriesAsync()).Length);
    }

    [Fact]
    public async Task A_redis_that_restarts_empty_is_filled_again()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await StartWithLedgerAsync(connection);
        var burst = BurstAsync(host, keys: 10, perKey: 20);

        await server.KillAsync();
        await server.StartAsync(TestContext.Current.CancellationToken);

        await burst;
        await BooksBalanceAsync(host, events: 200);
    }

    [Fact]
    public async Task Entries_that_a_restart_lost_are_appended_again_and_only_those()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await MessagingHost.StartAsync(servers, redis: connection, sweepAfterSeconds: 1);
        for (var number = 1; number <= 20; number++)
            await host.PublishAsync("a", number);
        await host.AllPublishedAsync();
        var before = await host.EntriesAsync();
        var ids = before.Select(entry => (string)entry["id"]!).Distinct().ToList();

        // What AOF everysec does to the last second: the marker is there, the tail is not.
        await connection.GetDatabase().StreamDeleteAsync($"{host.Prefix}orders:{{0}}", [.. before.Where(entry => ids.IndexOf(entry["id"]!) >= 15).Select(entry => entry.Id)]);
        await server.StopAsync();
        await server.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.BecomesAsync(() => EntriesOrNoneAsync(host), entries => entries.Select(entry => (string)entry["id"]!).Distinct().SequenceEqual(ids), "the lost entries again, in order");
        Assert.Contains(host.Log.Lines, line => line.Message.Contains("appending 5 of the last 20 events again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mark_for_an_append_from_before_the_wipe_is_not_set_after_it()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await MessagingHost.StartAsync(servers, redis: connection, sweepAfterSeconds: 1);
        await host.PublishAsync("a", 1);
        await host.AllPublishedAsync();
        var epochBefore = await host.ScalarAsync<string>("SELECT epoch FROM outbox_redis");
        await connection.GetServers()[0].FlushAllDatabasesAsync();
        await Eventually.BecomesAsync(() => host.ScalarAsync<string>("SELECT epoch FROM outbox_redis"), epoch => epoch != epochBefore, "a new epoch");
        await host.AllPublishedAsync();
        await using (var hide = host.Database.CreateCommand("UPDATE outbox SET published_at = NULL, created_at = now() + interval '1 hour'"))
            await hide.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using var slow = await host.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var position = await host.ScalarAsync<long>("SELECT position FROM outbox");
        var marked = await Shop.Messaging.Relaying.OutboxTable.MarkPublishedAsync(slow, [new(position, "1-1")], epochBefore, TestContext.Current.CancellationToken);

        Assert.Equal(0, marked);
    }

    private async Task<MessagingHost> StartWithLedgerAsync(IConnectionMultiplexer redis)
    {
        var host = await MessagingHost.StartAsync(
            servers, services => services.AddStreamEndpoint("ledger", "orders", e => e.Consumer<WriteLedger>()), redis: redis, sweepAfterSeconds: 1);
        await using var create = host.Database.CreateCommand("CREATE TABLE ledger (key text, number int)");
        await create.ExecuteNonQueryAsync();
        return host;
    }

    private static Task BurstAsync(MessagingHost host, int keys, int perKey) => Task.WhenAll(Enumerable.Range(0, keys).Select(async key =>
    {
        for (var number = 1; number <= perKey; number++)
            await host.PublishAsync($"key {key}", number);
    }));

    private static async Task FlushAsync(ConnectionMultiplexer redis, int times)
    {
        for (var i = 0; i < times; i++)
        {
            // Between two flushes at least one entry came through, so that each hits a stream in use.
            await Eventually.TrueAsync(async () => (await redis.GetServers()[0].DatabaseSizeAsync()) > 1, "a stream in use");
            await redis.GetServers()[0].FlushAllDatabasesAsync();
        }
    }

    /// <summary>Every event has had its effect, and none had it twice.</summary>
    private static async Task BooksBalanceAsync(MessagingHost host, long events)
    {
        await Eventually.BecomesAsync(() => host.ScalarAsync<long>("SELECT count(DISTINCT (key, number)) FROM ledger"), count => count == events, $"{events} effects", TimeSpan.FromSeconds(60));
        await host.AllPublishedAsync();
        Assert.Equal(events, await host.ScalarAsync<long>("SELECT count(*) FROM ledger"));
        Assert.Equal(events, await host.ScalarAsync<long>("SELECT count(*) FROM outbox"));
    }

    private static async Task<StreamEntry[]> EntriesOrNoneAsync(MessagingHost host)
    {
        try
        {
            return await host.EntriesAsync();
        }
        catch (RedisException)
        {
            return [];
        }
    }

    internal sealed class WriteLedger(Outbox outbox) : IConsumer<Counted>
    {
        public async Task Consume(ConsumeContext<Counted> context)
        {
            await using var transaction = await outbox.BeginAsync(context.CancellationToken);
            if (!await Inbox.TryRecordAsync(transaction, "ledger", context.MessageId!.Value, context.CancellationToken))
                return;

            await using var insert = new NpgsqlCommand("INSERT INTO ledger VALUES ($1, $2)", transaction.Connection)
            {
                Parameters = { new() { Value = context.Message.Key }, new() { Value = context.Message.Number } },
            };
            await insert.ExecuteNonQueryAsync(context.CancellationToken);
            await transaction.CommitAsync(context.CancellationToken);
        }
    }
}
