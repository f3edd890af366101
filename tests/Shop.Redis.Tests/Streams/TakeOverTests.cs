using System.Collections.Concurrent;
using System.Globalization;
using Shop.Redis.Streams;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Streams;

public abstract class TakeOverTests(ITestRedis server)
{
    private const int SteppedBack = 13;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dead_consumers_entries_are_taken_over_before_anything_new_is_handled()
    {
        await using var rig = new StreamRig(server);
        var dead = await rig.ConnectAsync();
        var stuck = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        await rig.AppendAsync(StreamRig.Numbers(0, 50));
        rig.Start(
            async (delivery, _) =>
            {
                if (StreamRig.Text(delivery) == "10")
                {
                    begun.TrySetResult();
                    await stuck.Task;
                    throw new OperationCanceledException("died");
                }
            },
            Options("dead", drain: TimeSpan.Zero),
            dead);
        await begun.Task.WaitAsync(Ct);
        await dead.DisposeAsync();
        rig.Start(options: Options("heir"));
        await rig.AppendAsync(StreamRig.Numbers(50, 10));

        await rig.SettledAsync();
        stuck.SetResult();

        // Those before 10 may come twice: their acknowledgement may have died with the consumer.
        Assert.Equal(StreamRig.Numbers(0, 60), rig.HandledTexts.Distinct());
        Assert.Equal(2, rig.Handled.First(static delivery => StreamRig.Text(delivery) == "10").Attempt);
    }

    [Fact]
    public async Task A_slow_handler_is_not_taken_for_dead()
    {
        await using var rig = new StreamRig(server);
        var finish = new TaskCompletionSource();
        var begun = 0;
        StreamHandler slow = async (_, _) => { Interlocked.Increment(ref begun); await finish.Task; };
        await rig.AppendAsync("slow");
        rig.Start(slow, Options("one", ordered: false));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref begun) == 1), "the handler has begun");

        // A second consumer that takes over idle entries, and more than the claim time of Redis's own clock.
        rig.Start(slow, Options("two", ordered: false));
        var start = (await rig.Database.ExecuteAsync("TIME"))[0].ToString();
        await Eventually.TrueAsync(
            async () => long.Parse((await rig.Database.ExecuteAsync("TIME"))[0].ToString(), CultureInfo.InvariantCulture) >= long.Parse(start, CultureInfo.InvariantCulture) + 4, "four seconds of Redis's clock");
        finish.SetResult();
        await rig.SettledAsync();

        Assert.Equal(1, begun);
        Assert.Equal(1, Assert.Single(rig.Handled).Attempt);
    }

    [Fact]
    public async Task Unordered_consumers_share_the_work_and_take_over_from_each_other()
    {
        await using var rig = new StreamRig(server);
        var connection = await rig.ConnectAsync();
        var stuck = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        rig.Start(async (_, _) => { begun.TrySetResult(); await stuck.Task; throw new OperationCanceledException("died"); }, Options("dead", ordered: false, drain: TimeSpan.Zero), connection);
        await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(0, 20).Select(static n => StreamRig.Message(n, key: n))], Ct);
        await begun.Task.WaitAsync(Ct);
        rig.Start(options: Options("living", ordered: false));
        await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(20, 20).Select(static n => StreamRig.Message(n, key: n))], Ct);

        await connection.DisposeAsync();
        await rig.SettledAsync();
        stuck.SetResult();

        Assert.Equal(40, rig.HandledTexts.Distinct().Count());
    }

    [Fact]
    public async Task Entries_of_a_lost_reply_are_handled_all_the_same()
    {
        await using var rig = new StreamRig(server);
        rig.Start(options: Options("one"));
        await rig.AppendAsync("before");
        await rig.HandledAsync(1);

        // What Redis did when the reply never arrived: the entry is this consumer's, and it knows nothing of it.
        await rig.Database.StreamAddAsync(rig.Key, StreamEntryCodec.Encode(StreamRig.Message("lost"), null));
        await rig.Database.StreamReadGroupAsync(rig.Key, StreamRig.Group, "one", ">", 1);
        await rig.SettledAsync();

        Assert.Contains("lost", rig.HandledTexts);
    }

    [Fact]
    public async Task A_restarted_consumer_of_the_same_name_begins_with_what_it_held()
    {
        await using var rig = new StreamRig(server);
        await rig.AppendAsync("held", "new");
        await rig.Database.StreamCreateConsumerGroupAsync(rig.Key, StreamRig.Group, "0-0");
        await rig.Database.StreamReadGroupAsync(rig.Key, StreamRig.Group, "one", ">", 1);

        rig.Start(options: new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, Consumer = "one", Ordered = false, ClaimAfter = TimeSpan.FromHours(1), ConsumerExpiry = TimeSpan.FromHours(2) });
        await rig.SettledAsync();

        Assert.Equal(["held", "new"], rig.HandledTexts);
        Assert.Equal([2, 1], rig.Handled.Select(static delivery => delivery.Attempt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_shutdown_finishes_what_runs_and_hands_the_rest_to_others_at_once(bool ordered)
    {
        await using var rig = new StreamRig(server);
        var finish = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var options = new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, Consumer = "leaving", Lanes = 1, Ordered = ordered, ClaimAfter = TimeSpan.FromHours(1), ConsumerExpiry = TimeSpan.FromHours(2) };
        await rig.AppendAsync(StreamRig.Numbers(0, 100));
        var leaving = rig.Start(async (_, _) => { begun.TrySetResult(); await finish.Task; }, options);
        await begun.Task.WaitAsync(Ct);
        await Eventually.BecomesAsync(() => rig.FactsAsync(), static facts => facts is { Pending: 100 }, "all are read");
        rig.Start(options: new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, Consumer = "staying", Ordered = ordered, ClaimAfter = TimeSpan.FromHours(1), ConsumerExpiry = TimeSpan.FromHours(2) });

        var stopped = leaving.StopAsync();
        finish.SetResult();
        await stopped;
        await rig.SettledAsync();

        // Once each, in order, and the deliveries that never began do not count.
        Assert.Equal(StreamRig.Numbers(0, 100), rig.HandledTexts);
        Assert.All(rig.Handled, static delivery => Assert.Equal(1, delivery.Attempt));
    }

    [Fact]
    public async Task No_message_is_lost_or_held_when_consumers_come_and_go_under_load()
    {
        await using var rig = new StreamRig(server);
        for (var round = 0; round < 6; round++)
        {
            var consumer = rig.Start(static async (_, _) => await Task.Yield(), Options($"one-{round}"));
            await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(round * 2000, 2000).Select(static n => StreamRig.Message(n, key: n[^1..]))], Ct);
            await rig.HandledAsync((round * 1500) + 1);
            await consumer.StopAsync();
        }

        rig.Start(options: Options("last"));
        await rig.SettledAsync();

        Assert.Equal(12_000, rig.Handled.Count);
        Assert.Equal(12_000, rig.HandledTexts.Distinct().Count());
    }

    [Fact]
    public async Task The_order_of_a_key_holds_across_retries_take_overs_and_several_consumers()
    {
        await using var rig = new StreamRig(server);
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var dice = new ConcurrentDictionary<string, int>();
        var alive = new List<(RunningConsumer Consumer, ConnectionMultiplexer Connection)>();
        var appended = 0;

        for (var round = 0; round < 12; round++)
        {
            while (alive.Count < 3)
            {
                var connection = await rig.ConnectAsync();
                alive.Add((rig.Start(FlakyAsync, Options($"c{round}-{alive.Count}"), connection), connection));
            }

            var count = random.Next(50, 300);
            var keys = random.Next(1, 8);
            await rig.Producer.AppendAsync(
                StreamRig.Stream, [.. Enumerable.Range(appended, count).Select(n => StreamRig.Message(n.ToString(CultureInfo.InvariantCulture), key: (n % keys).ToString(CultureInfo.InvariantCulture)))], Ct);
            appended += count;
            await rig.HandledAsync(appended * random.Next(20, 90) / 100, TimeSpan.FromSeconds(60));

            var (consumer, connectionOfConsumer) = alive[random.Next(alive.Count)];
            alive.RemoveAll(pair => pair.Consumer == consumer);
            if (random.Next(2) == 0)
                await connectionOfConsumer.DisposeAsync(); // dies; what it had begun goes on, as in a process that is cut off
            else
                await consumer.StopAsync();
        }

        await rig.SettledAsync();

        // A message may be handled twice, never for the first time after a later one of its key.
        var first = rig.Handled.DistinctBy(StreamRig.Text).GroupBy(static delivery => delivery.Message.Key, static delivery => int.Parse(StreamRig.Text(delivery), CultureInfo.InvariantCulture));
        Assert.All(first, numbers => Assert.True(numbers.SequenceEqual(numbers.Order()), $"seed {seed}: {string.Join(' ', numbers)}"));
        Assert.Equal(appended, rig.HandledTexts.Distinct().Count());
        Assert.Empty(await rig.DeadLetters.ListAsync(StreamRig.Stream, ct: Ct));

        async ValueTask FlakyAsync(StreamDelivery delivery, CancellationToken cancellation)
        {
            await Task.Yield();
            var text = StreamRig.Text(delivery);
            if (text.GetHashCode(StringComparison.Ordinal) % 7 == 0 && dice.AddOrUpdate(text, 1, static (_, times) => times + 1) == 1)
                throw new InvalidOperationException("the first time always fails");
        }
    }

    [Fact]
    public async Task A_consumer_that_lost_its_lease_begins_nothing_more_until_it_owns_the_partition_again()
    {
        await using var rig = new StreamRig(server);
        var first = new TaskCompletionSource();
        var begun = new ConcurrentQueue<string>();
        rig.Start(async (delivery, _) => { begun.Enqueue(StreamRig.Text(delivery)); await first.Task; }, Options("paused"));
        await rig.AppendAsync(StreamRig.Numbers(0, 10));
        await Eventually.TrueAsync(() => Task.FromResult(begun.Count == 1), "the first has begun");

        await rig.Database.StringSetAsync($"{rig.Key}:owner:{StreamRig.Group}", "another");
        await rig.LoggedAsync(SteppedBack);
        first.SetResult();
        await rig.HandledAsync(1);
        Assert.Equal(["0"], begun);

        await rig.Database.KeyDeleteAsync($"{rig.Key}:owner:{StreamRig.Group}");
        await rig.SettledAsync();
        Assert.Equal(StreamRig.Numbers(0, 10), rig.HandledTexts.Distinct());
    }

    [Fact]
    public async Task A_consumer_that_is_gone_is_removed_once_it_has_nothing_pending()
    {
        await using var rig = new StreamRig(server);
        await rig.AppendAsync("orphan");
        await rig.Database.StreamCreateConsumerGroupAsync(rig.Key, StreamRig.Group, "0-0");
        await rig.Database.StreamReadGroupAsync(rig.Key, StreamRig.Group, "ghost", ">", 1);

        rig.Start(options: new StreamConsumerGroupOptions
        {
            Stream = StreamRig.Stream,
            Group = StreamRig.Group,
            Consumer = "one",
            ClaimAfter = TimeSpan.FromSeconds(1),
            ConsumerExpiry = TimeSpan.FromSeconds(1),
            JanitorInterval = TimeSpan.FromMilliseconds(50),
        });
        await rig.HandledAsync(1);
        await Eventually.TrueAsync(
            async () => (await rig.Database.StreamConsumerInfoAsync(rig.Key, StreamRig.Group)).All(static consumer => consumer.Name != "ghost"), "the ghost is removed");

        Assert.Equal(["orphan"], rig.HandledTexts);
    }

    private static StreamConsumerGroupOptions Options(string consumer, bool ordered = true, TimeSpan? drain = null) => new()
    {
        Stream = StreamRig.Stream,
        Group = StreamRig.Group,
        Consumer = consumer,
        Ordered = ordered,
        ClaimAfter = TimeSpan.FromSeconds(1),
        RetryBackoff = TimeSpan.FromMilliseconds(5),
        MaxRetryBackoff = TimeSpan.FromMilliseconds(20),
        DrainTimeout = drain ?? TimeSpan.FromSeconds(10),
    };
}

public sealed class TakeOverOnOneServer(OwnRedis server) : TakeOverTests(server), IClassFixture<OwnRedis>;

public sealed class TakeOverOnACluster(ClusterRedis server) : TakeOverTests(server);
