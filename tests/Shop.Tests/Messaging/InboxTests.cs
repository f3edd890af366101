using Shop.Messaging;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed class InboxTests(Servers servers)
{
    [Fact]
    public async Task An_event_is_new_once()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        var id = Guid.CreateVersion7();

        Assert.True(await RecordAsync(host, "payments", id));
        Assert.False(await RecordAsync(host, "payments", id));
        Assert.True(await RecordAsync(host, "other", id));
    }

    [Fact]
    public async Task An_attempt_that_rolls_back_has_recorded_nothing()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        var id = Guid.CreateVersion7();
        await using (var failed = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
            Assert.True(await Inbox.TryRecordAsync(failed, "payments", id, TestContext.Current.CancellationToken));

        Assert.True(await RecordAsync(host, "payments", id));
    }

    [Fact]
    public async Task The_second_of_two_concurrent_transactions_waits_for_the_first_and_finds_the_event_seen()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        var id = Guid.CreateVersion7();
        await using var first = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken);
        Assert.True(await Inbox.TryRecordAsync(first, "payments", id, TestContext.Current.CancellationToken));

        var second = RecordAsync(host, "payments", id);
        await Eventually.TrueAsync(() => host.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"), "the second transaction waiting");
        await first.CommitAsync(TestContext.Current.CancellationToken);

        Assert.False(await second);
    }

    [Fact]
    public async Task Of_many_events_only_the_new_ones_are_answered()
    {
        await using var host = await MessagingHost.StartAsync(servers);
        Guid[] ids = [.. Enumerable.Range(0, 100).Select(_ => Guid.CreateVersion7())];
        await using (var half = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            await Inbox.TryRecordAsync(half, "payments", ids[..50], TestContext.Current.CancellationToken);
            await half.CommitAsync(TestContext.Current.CancellationToken);
        }

        await using var all = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken);
        var fresh = await Inbox.TryRecordAsync(all, "payments", [.. ids, ids[^1]], TestContext.Current.CancellationToken);

        Assert.Equal(ids[50..].ToHashSet(), fresh);
    }

    private static async Task<bool> RecordAsync(MessagingHost host, string consumer, Guid id)
    {
        await using var transaction = await host.Outbox.BeginAsync();
        var isNew = await Inbox.TryRecordAsync(transaction, consumer, id);
        await transaction.CommitAsync();
        return isNew;
    }
}
