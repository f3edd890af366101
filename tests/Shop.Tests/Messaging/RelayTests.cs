using System.Text.Json;
using Npgsql;
using Shop.Messaging;
using Shop.Messaging.Relaying;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed class RelayTests(Servers servers)
{
    [Fact]
    public async Task What_a_crash_left_between_commit_and_append_is_swept()
    {
        await using var host = await MessagingHost.StartAsync(servers, sweepAfterSeconds: 1);
        var crashed = new Outbox(host.Database, new OutboxOptions { KeyPrefix = host.Prefix }.Events(TestEventsJson.Default));

        await MessagingHost.PublishAsync(crashed, "a", 1, 2, 3);

        Assert.Equal([1, 2, 3], Numbers(await host.EntriesAsync(atLeast: 3), "a"));
        await host.AllPublishedAsync();
        Assert.Contains(host.Log.Lines, line => line.Message.StartsWith("Swept 3 events", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_waited_while_no_process_ran_is_swept_at_the_next_start()
    {
        var database = await MessagingHost.CreateDatabaseAsync(servers);
        await using (var source = NpgsqlDataSource.Create(database))
            await MessagingHost.PublishAsync(new Outbox(source, new OutboxOptions().Events(TestEventsJson.Default)), "a", [.. Enumerable.Range(1, 1200)]);

        await using var host = await MessagingHost.StartAsync(servers, connectionString: database, sweepAfterSeconds: 1);

        Assert.Equal(Enumerable.Range(1, 1200), Numbers(await host.EntriesAsync(atLeast: 1200), "a"));
    }

    [Fact]
    public async Task An_event_is_not_appended_before_an_earlier_one_of_its_key_that_another_process_lost()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        var crashed = new Outbox(host.Database, new OutboxOptions().Events(TestEventsJson.Default));
        await MessagingHost.PublishAsync(crashed, "a", 1, 2);

        await host.PublishAsync("b", 1);
        await host.PublishAsync("a", 3);

        // The sweeper is half a minute away: only the fast path can have done this.
        var entries = await host.EntriesAsync(atLeast: 4);
        Assert.Equal([1, 2, 3], Numbers(entries, "a"));
        await host.AllPublishedAsync();
    }

    [Fact]
    public async Task A_stream_that_cannot_take_events_keeps_none_from_another_stream()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        await host.PublishAsync("a", 1);
        await host.AllPublishedAsync();
        await host.Redis.GetDatabase().StringSetAsync($"{host.Prefix}broken:{{0}}", "no stream");

        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            transaction.Enqueue("broken", "b", new Counted("b", 1));
            transaction.Enqueue("orders", "a", new Counted("a", 2));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal([1, 2], Numbers(await host.EntriesAsync(atLeast: 2), "a"));
        await Eventually.BecomesAsync(() => host.ScalarAsync<string>("SELECT string_agg(stream, ',') FROM outbox WHERE published_at IS NULL"), static left => left == "broken", "only the broken stream's event is left");
    }

    [Fact]
    public async Task Two_processes_keep_the_order_of_each_key_that_they_write_in_turn()
    {
        const int keys = 8, perKey = 60;
        var database = await MessagingHost.CreateDatabaseAsync(servers);
        var prefix = RedisFixture.NewPrefix();
        await using var one = await MessagingHost.StartAsync(servers, connectionString: database, prefix: prefix, sweepAfterSeconds: 1);
        await using var two = await MessagingHost.StartAsync(servers, connectionString: database, prefix: prefix, sweepAfterSeconds: 1);
        await using (var create = one.Database.CreateCommand($"CREATE TABLE counters AS SELECT 'key ' || k AS key, 0 AS number FROM generate_series(1, {keys}) AS k"))
            await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await Task.WhenAll(Enumerable.Range(1, keys).SelectMany(key => new[] { one, two }.Select(host => Task.Run(() => CountUpAsync(host, $"key {key}")))));

        var entries = await Eventually.BecomesAsync(() => one.EntriesAsync(), entries => entries.Select(entry => entry["id"]).Distinct().Count() == keys * perKey, "every event in the stream");
        for (var key = 1; key <= keys; key++)
            Assert.Equal(Enumerable.Range(1, perKey), Numbers(entries, $"key {key}"));

        static async Task CountUpAsync(MessagingHost host, string key)
        {
            for (var i = 0; i < perKey / 2; i++)
            {
                await using var transaction = await host.Outbox.BeginAsync();
                await using var update = new NpgsqlCommand("UPDATE counters SET number = number + 1 WHERE key = $1 RETURNING number", transaction.Connection) { Parameters = { new() { Value = key } } };
                transaction.Enqueue("orders", key, new Counted(key, (int)(await update.ExecuteScalarAsync())!));
                await transaction.CommitAsync();
            }
        }
    }

    [Fact]
    public async Task A_row_that_commits_late_is_not_skipped_and_holds_nobody_up()
    {
        await using var host = await MessagingHost.StartAsync(servers, sweepAfterSeconds: 1);
        await using var late = await host.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await late.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var insert = new NpgsqlCommand("INSERT INTO outbox (id, stream, key, type, data, occurred_at) VALUES (gen_random_uuid(), 'orders', 'late', 'Counted', '{\"key\":\"late\",\"number\":1}', now())", late, transaction))
            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        // Higher positions, in the stream and marked, while the lower one is still open.
        var crashed = new Outbox(host.Database, new OutboxOptions().Events(TestEventsJson.Default));
        await MessagingHost.PublishAsync(crashed, "swept", 1);
        await host.PublishAsync("fast", 1);
        await host.EntriesAsync(atLeast: 2);
        await host.AllPublishedAsync();

        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal([1], Numbers(await host.EntriesAsync(atLeast: 3), "late"));
    }

    [Fact]
    public async Task A_sweeper_that_stands_still_loses_its_lock()
    {
        await using var host = await MessagingHost.StartAsync(servers, sweepAfterSeconds: 1);
        await using var paused = await host.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await paused.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => SweepLock.TryTakeAsync(paused, TimeSpan.FromMilliseconds(700), TestContext.Current.CancellationToken), "the sweep lock");

        var crashed = new Outbox(host.Database, new OutboxOptions().Events(TestEventsJson.Default));
        await MessagingHost.PublishAsync(crashed, "a", 1);

        await host.EntriesAsync(atLeast: 1);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_does_not_fit_the_fast_path_is_swept_in_order()
    {
        await using var host = await MessagingHost.StartAsync(servers, outbox: options => options.FastPathCapacity = 1, sweepAfterSeconds: 1);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(key => host.PublishAsync($"key {key}", [.. Enumerable.Range(1, 50)])));

        var entries = await Eventually.BecomesAsync(() => host.EntriesAsync(), entries => entries.Select(entry => entry["id"]).Distinct().Count() == 500, "every event in the stream");
        for (var key = 0; key < 10; key++)
            Assert.Equal(Enumerable.Range(1, 50), Numbers(entries, $"key {key}"));
    }

    [Fact]
    public async Task Commits_go_on_while_Redis_is_away_and_their_events_follow_when_it_returns()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await MessagingHost.StartAsync(servers, redis: connection, sweepAfterSeconds: 1);
        await host.PublishAsync("a", 1);
        await host.EntriesAsync(atLeast: 1);

        await server.KillAsync();
        for (var number = 2; number <= 300; number++)
            await host.PublishAsync("a", number);
        await Eventually.TrueAsync(() => Task.FromResult(host.Log.Lines.Any(line => line.Id.Id == 3)), "the one line about the outage");
        await server.StartAsync(TestContext.Current.CancellationToken);

        var entries = await Eventually.BecomesAsync(
            async () =>
            {
                try
                {
                    return await host.EntriesAsync();
                }
                catch (RedisException)
                {
                    return [];
                }
            }, entries => entries.Select(entry => entry["id"]).Distinct().Count() == 300, "every event in the stream");
        Assert.Equal(Enumerable.Range(1, 300), Numbers(entries, "a"));
        Assert.InRange(host.Log.Lines.Count(line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Warning && line.Category.Contains("Shop.Messaging", StringComparison.Ordinal)), 1, 10);
    }

    [Fact]
    public async Task Published_rows_are_kept_for_their_retention_and_unpublished_ones_for_ever()
    {
        await using var host = await MessagingHost.StartAsync(servers, sweepAfterSeconds: 1);
        await host.PublishAsync("a", 1, 2, 3);
        await host.AllPublishedAsync();
        await using (var age = host.Database.CreateCommand(
            """
            UPDATE outbox SET published_at = published_at - interval '4 days', created_at = created_at - interval '4 days' WHERE position <= (SELECT min(position) + 1 FROM outbox);
            INSERT INTO outbox (id, stream, key, type, data, occurred_at, created_at) VALUES (gen_random_uuid(), 'elsewhere', 'old', 'Counted', '{}', now(), now() + interval '1 hour');
            INSERT INTO inbox (event_id, consumer, recorded_at) VALUES (gen_random_uuid(), 'old', now() - interval '8 days'), (gen_random_uuid(), 'young', now() - interval '6 days');
            """))
            await age.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var janitor = (OutboxJanitor)host.Services.GetService(typeof(OutboxJanitor))!;

        await janitor.TidyAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2L, await host.ScalarAsync<long>("SELECT count(*) FROM outbox"));
        Assert.Equal(1L, await host.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE published_at IS NULL"));
        Assert.Equal("young", await host.ScalarAsync<string>("SELECT string_agg(consumer, ',') FROM inbox"));
    }

    /// <summary>The numbers of one key in the order in which they first appear in the stream.</summary>
    internal static IEnumerable<int> Numbers(StreamEntry[] entries, string key) => entries
        .Where(entry => entry["key"] == key)
        .DistinctBy(entry => entry["id"])
        .Select(entry => JsonSerializer.Deserialize((string)entry["data"]!, TestEventsJson.Default.Counted)!.Number);
}
