using Shop.Redis.Streams;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Streams;

public abstract class FailureTests(ITestRedis server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handler_that_fails_is_called_again_with_the_next_attempt()
    {
        await using var rig = new StreamRig(server);
        rig.Start((delivery, _) => delivery.Attempt < 4 ? throw new InvalidOperationException("not yet") : default);

        await rig.AppendAsync("stubborn");
        await rig.SettledAsync();

        Assert.Equal(4, Assert.Single(rig.Handled).Attempt);
    }

    [Fact]
    public async Task A_message_that_always_fails_holds_up_only_its_own_key()
    {
        await using var rig = new StreamRig(server);
        var options = new StreamConsumerGroupOptions
        {
            Stream = StreamRig.Stream,
            Group = StreamRig.Group,
            Lanes = 1,
            Capacity = 8,
            BatchSize = 8,
            MaxDeliveries = 2,
            RetryBackoff = TimeSpan.FromHours(1),
            MaxRetryBackoff = TimeSpan.FromHours(1),
        };
        rig.Start((delivery, _) => StreamRig.Text(delivery) == "bad" ? throw new InvalidOperationException("always") : default, options);

        // Twice as many followers as there are places, in front of the others: they must not fill the consumer up.
        await rig.Producer.AppendAsync(StreamRig.Stream, [StreamRig.Message("bad", key: "poisoned"), .. StreamRig.Numbers(0, 16).Select(static n => StreamRig.Message(n, key: "poisoned"))], Ct);
        await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(100, 50).Select(static n => StreamRig.Message(n, key: "healthy"))], Ct);
        await rig.HandledAsync(50);

        Assert.Equal(StreamRig.Numbers(100, 50), rig.HandledTexts);
    }

    [Fact]
    public async Task After_its_last_delivery_a_message_is_dead_with_its_reason_and_its_followers_go_on()
    {
        await using var rig = new StreamRig(server);
        rig.Start((delivery, _) => StreamRig.Text(delivery) == "bad" ? throw new InvalidOperationException("the card reader is on fire") : default, Retrying(3));

        var ids = await rig.AppendAsync("bad", "good");
        await rig.SettledAsync();

        var dead = Assert.Single(await rig.DeadLetters.ListAsync(StreamRig.Stream, ct: Ct));
        Assert.Equal(("the card reader is on fire", StreamRig.Group, ids[0], 3), (dead.Reason, dead.Group, dead.EntryId, dead.Deliveries));
        Assert.Contains("System.InvalidOperationException", dead.Exception, StringComparison.Ordinal);
        Assert.Equal("bad"u8.ToArray(), dead.Message!.Data.ToArray());
        Assert.InRange(dead.DiedAt, TimeProvider.System.GetUtcNow().AddMinutes(-2), TimeProvider.System.GetUtcNow().AddMinutes(1));
        Assert.Equal(["good"], rig.HandledTexts);
        Assert.Equal(1, (await rig.Inspector.InspectAsync(StreamRig.Stream, Ct)).DeadLetters);
    }

    [Fact]
    public async Task A_dead_letter_put_back_is_handled_by_its_group_alone_and_from_the_first_attempt()
    {
        await using var rig = new StreamRig(server);
        var broken = true;
        rig.Start((_, _) => Volatile.Read(ref broken) ? throw new InvalidOperationException("broken") : default, Retrying(2));
        rig.Start(options: StreamRig.Options("other", "audit"));
        var message = StreamRig.Message("precious");
        await rig.Producer.AppendAsync(StreamRig.Stream, message, Ct);
        await Eventually.TrueAsync(async () => await rig.DeadLetters.CountAsync(StreamRig.Stream, Ct) == 1, "a dead letter");
        await rig.SettledAsync("audit");
        Volatile.Write(ref broken, false);

        var dead = Assert.Single(await rig.DeadLetters.ListAsync(StreamRig.Stream, ct: Ct));
        var id = await rig.DeadLetters.PutBackAsync(StreamRig.Stream, dead.Id, Ct);
        await rig.SettledAsync();
        await rig.SettledAsync("audit");

        var again = Assert.Single(rig.Handled, static delivery => delivery.Group == StreamRig.Group);
        Assert.Equal((id, 1, message.Id), (again.EntryId, again.Attempt, again.Message.Id));
        Assert.Single(rig.Handled, static delivery => delivery.Group == "audit");
        Assert.Equal(0, await rig.DeadLetters.CountAsync(StreamRig.Stream, Ct));
        Assert.Null(await rig.DeadLetters.PutBackAsync(StreamRig.Stream, dead.Id, Ct));
    }

    [Fact]
    public async Task Dead_letters_are_paged_read_and_dropped()
    {
        await using var rig = new StreamRig(server);
        rig.Start((_, _) => throw new InvalidOperationException("no"), Retrying(1));
        await rig.AppendAsync(StreamRig.Numbers(0, 5));
        await Eventually.TrueAsync(async () => await rig.DeadLetters.CountAsync(StreamRig.Stream, Ct) == 5, "five dead letters");

        var first = await rig.DeadLetters.ListAsync(StreamRig.Stream, take: 3, ct: Ct);
        var rest = await rig.DeadLetters.ListAsync(StreamRig.Stream, first[^1].Id, take: 3, ct: Ct);

        Assert.Equal(StreamRig.Numbers(0, 5), first.Concat(rest).Select(static dead => System.Text.Encoding.UTF8.GetString(dead.Message!.Data.Span)));
        Assert.Equal(first[1].EntryId, (await rig.DeadLetters.GetAsync(StreamRig.Stream, first[1].Id, Ct))?.EntryId);
        Assert.True(await rig.DeadLetters.DropAsync(StreamRig.Stream, first[1].Id, Ct));
        Assert.False(await rig.DeadLetters.DropAsync(StreamRig.Stream, first[1].Id, Ct));
        Assert.Null(await rig.DeadLetters.GetAsync(StreamRig.Stream, first[1].Id, Ct));
        Assert.Equal(4, await rig.DeadLetters.CountAsync(StreamRig.Stream, Ct));
    }

    [Fact]
    public async Task What_is_no_event_goes_to_the_dead_letters_with_the_reason()
    {
        await using var rig = new StreamRig(server);
        rig.Start();
        await rig.Database.StreamAddAsync(rig.Key, [new("hello", "world"), new("id", "not a uuid"), new("data", "{}")]);
        await rig.Database.StreamAddAsync(rig.Key, [.. Enumerable.Range(0, 5000).Select(static n => new NameValueEntry($"f{n}", n))]);
        await rig.AppendAsync("good");
        await rig.HandledAsync(1);
        await rig.SettledAsync();

        var dead = await rig.DeadLetters.ListAsync(StreamRig.Stream, ct: Ct);
        Assert.Equal(2, dead.Count);
        Assert.Equal(
            "The entry is not an event: id is missing or no UUID, type is missing, key is missing, time is missing or no time. An event has the fields id (a UUID), type, key, time (ISO 8601) and data (JSON).",
            dead[0].Reason);
        Assert.Null(dead[0].Message);
        Assert.Equal(["good"], rig.HandledTexts);
    }

    [Fact]
    public async Task A_message_that_kills_its_consumers_runs_out_of_deliveries()
    {
        await using var rig = new StreamRig(server);
        var stuck = new TaskCompletionSource();
        await rig.AppendAsync("deadly");
        for (var life = 1; life <= 2; life++)
        {
            // The process dies in the middle of the handler: its connection is gone and the handler never returns.
            var connection = await rig.ConnectAsync();
            var begun = new TaskCompletionSource<int>();
            rig.Start(async (delivery, _) => { begun.TrySetResult(delivery.Attempt); await stuck.Task; }, Retrying(2, $"life {life}", drain: TimeSpan.Zero), connection);
            Assert.Equal(life, await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct));
            await connection.DisposeAsync();
        }

        rig.Start(options: Retrying(2, "survivor"));
        await Eventually.TrueAsync(async () => await rig.DeadLetters.CountAsync(StreamRig.Stream, Ct) == 1, "a dead letter", TimeSpan.FromSeconds(30));

        var dead = Assert.Single(await rig.DeadLetters.ListAsync(StreamRig.Stream, ct: Ct));
        Assert.Equal(2, dead.Deliveries);
        Assert.Contains("Not handled in 2 deliveries", dead.Reason, StringComparison.Ordinal);
        Assert.Empty(rig.Handled);
        await rig.SettledAsync();
        stuck.SetResult();
    }

    [Fact]
    public async Task A_deleted_entry_that_is_pending_is_let_go()
    {
        await using var rig = new StreamRig(server);
        var ids = await rig.AppendAsync("deleted", "kept");
        await rig.Database.StreamCreateConsumerGroupAsync(rig.Key, StreamRig.Group, "0-0");
        await rig.Database.StreamReadGroupAsync(rig.Key, StreamRig.Group, "one", ">", 2);
        await rig.Database.StreamDeleteAsync(rig.Key, [ids[0]]);

        rig.Start();
        await rig.HandledAsync(1);
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is { Pending: 0 }, "nothing is pending");

        Assert.Equal(["kept"], rig.HandledTexts);
    }

    [Fact]
    public async Task A_handler_that_knows_better_makes_a_dead_letter_at_once()
    {
        await using var rig = new StreamRig(server);
        rig.Start((delivery, _) => StreamRig.Text(delivery) == "bad" ? throw new DeadLetterException("too large for the archive", new InvalidDataException("2 MB")) : default, Retrying(int.MaxValue));

        await rig.AppendAsync("bad", "good");
        await rig.SettledAsync();

        var dead = Assert.Single(await rig.DeadLetters.ListAsync(StreamRig.Stream, ct: Ct));
        Assert.Equal(("too large for the archive", 1), (dead.Reason, dead.Deliveries));
        Assert.Contains("2 MB", dead.Exception, StringComparison.Ordinal);
        Assert.Equal(["good"], rig.HandledTexts);
    }

    private static StreamConsumerGroupOptions Retrying(int deliveries, string consumer = "one", TimeSpan? drain = null) => new()
    {
        Stream = StreamRig.Stream,
        Group = StreamRig.Group,
        Consumer = consumer,
        MaxDeliveries = deliveries,
        RetryBackoff = TimeSpan.FromMilliseconds(10),
        MaxRetryBackoff = TimeSpan.FromMilliseconds(50),
        ClaimAfter = TimeSpan.FromSeconds(1),
        DrainTimeout = drain ?? TimeSpan.FromSeconds(10),
    };
}

public sealed class FailureOnOneServer(OwnRedis server) : FailureTests(server), IClassFixture<OwnRedis>;

public sealed class FailureOnACluster(ClusterRedis server) : FailureTests(server);
