using System.Text.Json;
using Npgsql;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed class OutboxTests(Servers servers)
{
    [Fact]
    public async Task A_committed_event_reaches_its_stream_readable_by_a_person()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            var id = transaction.Enqueue("orders", "order-1", new Counted("order-1", 7), traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
            await transaction.CommitAsync(TestContext.Current.CancellationToken);

            var entry = Assert.Single(await host.EntriesAsync(atLeast: 1));
            Assert.Equal(id.ToString(), entry["id"]);
            Assert.Equal("Counted", entry["type"]);
            Assert.Equal("order-1", entry["key"]);
            Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", entry["traceparent"]);
            Assert.Equal(new Counted("order-1", 7), JsonSerializer.Deserialize((string)entry["data"]!, TestEventsJson.Default.Counted));
            Assert.True(DateTimeOffset.TryParse(entry["time"], null, out _));
        }

        await host.AllPublishedAsync();
    }

    [Fact]
    public async Task A_rolled_back_event_is_never_seen()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
            transaction.Enqueue("orders", "a", new Counted("a", 1));

        await host.PublishAsync("a", 2);

        var entry = Assert.Single(await host.EntriesAsync(atLeast: 1));
        Assert.Contains("\"number\":2", (string)entry["data"]!, StringComparison.Ordinal);
        Assert.Equal(1L, await host.ScalarAsync<long>("SELECT count(*) FROM outbox"));
    }

    [Fact]
    public async Task A_transaction_that_has_failed_does_not_pretend_to_commit()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        await using var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken);
        await using (var failing = new NpgsqlCommand("SELECT 1 / 0", transaction.Connection))
            await Assert.ThrowsAsync<PostgresException>(() => failing.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));

        var refused = await Assert.ThrowsAsync<PostgresException>(() => transaction.CommitAsync(TestContext.Current.CancellationToken));

        Assert.Equal(PostgresErrorCodes.InFailedSqlTransaction, refused.SqlState);
    }

    [Fact]
    public async Task The_tables_of_the_service_and_its_events_share_one_commit()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        await using var create = host.Database.CreateCommand("CREATE TABLE things (name text PRIMARY KEY)");
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            await using var insert = new NpgsqlCommand("INSERT INTO things VALUES ('one')", transaction.Connection);
            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            transaction.Enqueue("orders", "a", new Counted("a", 1));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1L, await host.ScalarAsync<long>("SELECT count(*) FROM things"));
        await host.EntriesAsync(atLeast: 1);
    }

    [Fact]
    public async Task Events_of_one_transaction_keep_the_order_in_which_they_were_enqueued()
    {
        await using var host = await MessagingHost.StartAsync(servers);

        await host.PublishAsync("a", [.. Enumerable.Range(1, 300)]);

        var entries = await Eventually.BecomesAsync(() => host.EntriesAsync(), entries => entries.DistinctBy(entry => entry["id"]).Count() == 300, "every event in the stream");
        Assert.Equal(Enumerable.Range(1, 300), RelayTests.Numbers(entries, "a"));
    }

    [Fact]
    public async Task An_event_without_source_generated_json_is_refused_by_name()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        await using var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken);

        var refused = Assert.Throws<InvalidOperationException>(() => transaction.Enqueue("orders", "a", new Version(1, 2)));

        Assert.Contains("System.Version", refused.Message, StringComparison.Ordinal);
    }
}
