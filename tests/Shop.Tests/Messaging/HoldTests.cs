using Microsoft.Extensions.DependencyInjection;
using Shop.Messaging.Relaying;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed class HoldTests(Servers servers)
{
    [Fact]
    public async Task Rows_that_somebody_holds_outlive_their_retention_until_the_hold_moves_on_or_expires()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        await host.PublishAsync("a", 1, 2, 3);
        await host.AllPublishedAsync();
        await ExecuteAsync(host,
            """
            UPDATE outbox SET published_at = published_at - interval '4 days', occurred_at = '2020-01-01'::timestamptz + position * interval '1 day';
            INSERT INTO outbox_holds SELECT 'archive', 'orders', min(occurred_at) + interval '1 day', clock_timestamp() + interval '1 hour' FROM outbox;
            INSERT INTO outbox_holds VALUES ('archive', 'another stream', '2000-01-01', clock_timestamp() + interval '1 hour');
            """);

        Assert.Equal(2, await LeftAsync());

        await ExecuteAsync(host, "UPDATE outbox_holds SET needed_from = needed_from + interval '1 day'");
        Assert.Equal(1, await LeftAsync());

        await ExecuteAsync(host, "UPDATE outbox_holds SET expires_at = clock_timestamp()");
        Assert.Equal(0, await LeftAsync());

        async Task<long> LeftAsync()
        {
            await host.Services.GetRequiredService<OutboxJanitor>().TidyAsync(TestContext.Current.CancellationToken);
            return await host.ScalarAsync<long>("SELECT count(*) FROM outbox");
        }
    }

    [Fact]
    public async Task A_wipe_does_not_bring_back_events_that_are_only_held_and_that_inboxes_have_forgotten()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await MessagingHost.StartAsync(servers, redis: connection, sweepAfterSeconds: 1);
        await host.PublishAsync("old", 1);
        await host.AllPublishedAsync();
        await ExecuteAsync(host,
            """
            UPDATE outbox SET published_at = published_at - interval '8 days';
            INSERT INTO outbox_holds VALUES ('archive', 'orders', '2000-01-01', clock_timestamp() + interval '1 hour');
            """);
        await host.PublishAsync("young", 1);
        await host.AllPublishedAsync();

        await connection.GetServer(connection.GetEndPoints()[0]).FlushAllDatabasesAsync();

        var entries = await host.EntriesAsync(atLeast: 1);
        await host.AllPublishedAsync();
        Assert.Equal("young", Assert.Single(entries)["key"]);
        Assert.Equal(2, await host.ScalarAsync<long>("SELECT count(*) FROM outbox"));
    }

    private static async Task ExecuteAsync(MessagingHost host, string sql)
    {
        await using var command = host.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
