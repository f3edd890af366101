using Shop.Redis.Live;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Live;

public abstract class DurableLogTests(ITestRedis server)
{
    private readonly string _prefix = RedisFixture.NewPrefix();
    private readonly Ledger _ledger = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RedisKey Stream => $"{_prefix}live:{{feed:alice}}";

    [Fact]
    public async Task A_reader_gets_what_is_there_and_then_what_comes()
    {
        var log = Log();
        await AppendAsync(log, 3);
        await using var reader = new Listener(log, "feed:alice");
        await reader.HasAllUntilAsync(3);
        await AppendAsync(log, 2);
        await reader.HasAllUntilAsync(5);
    }

    [Fact]
    public async Task A_reader_goes_on_after_its_cursor()
    {
        var log = Log();
        await AppendAsync(log, 5);
        Assert.True(LiveCursor.TryParse("3", out var cursor));
        await using var reader = new Listener(log, "feed:alice", cursor);
        await reader.HasAllUntilAsync(5);
    }

    [Fact]
    public async Task Readers_that_join_at_any_moment_see_no_gap_and_no_repeat_while_several_writers_append()
    {
        const int Items = 1500;
        var log = Log(LiveBench.Options(maxLength: 100, buffer: 16, page: 7));
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            // The appends of different writers overtake each other after their commits.
            for (var i = 0; i < Items / 4; i++)
                await AppendAsync(log, 1);
        }, Ct)).ToArray();

        var readers = new List<Listener>();
        try
        {
            var random = new Random(7);
            while (!writers.All(static writer => writer.IsCompleted) && readers.Count < 60)
            {
                readers.Add(new Listener(log, "feed:alice", LiveCursor.From(random.Next(50))));
                await Server.PingAsync();
                var next = readers.Count * 20;
                await Eventually.TrueAsync(() => Task.FromResult(_ledger.Commits >= next || writers.All(static writer => writer.IsCompleted)), "more appends");
            }

            await Task.WhenAll(writers);
            readers.Add(new Listener(log, "feed:alice"));
            foreach (var reader in readers)
                await reader.HasAllUntilAsync(Items);
        }
        finally
        {
            foreach (var reader in readers)
                await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_append_that_comes_late_is_filled_from_the_history_before_the_reader_goes_on()
    {
        var log = Log();
        await using var early = new Listener(log, "feed:alice");
        await AppendAsync(log, 5);
        await early.HasAllUntilAsync(5);
        var six = _ledger.Commit();
        var seven = _ledger.Commit();
        await log.AppendAsync("feed:alice", 7, seven, Ct);
        await early.HasAllUntilAsync(7);
        await log.AppendAsync("feed:alice", 6, six, Ct);
        await AppendAsync(log, 1);
        await early.HasAllUntilAsync(8);

        await using var late = new Listener(log, "feed:alice");
        await late.HasAllUntilAsync(8);
    }

    [Fact]
    public async Task An_item_that_is_pushed_before_the_history_shows_it_is_waited_for()
    {
        var log = Log();
        await using var reader = new Listener(log, "feed:alice");
        await AppendAsync(log, 1);
        await reader.HasAllUntilAsync(1);

        await log.AppendAsync("feed:alice", 3, new Note(3, "note 3"), Ct);
        var reads = _ledger.Reads;
        await Eventually.TrueAsync(() => Task.FromResult(_ledger.Reads > reads), "the reader asking for item 2");
        reader.Check(1);
        _ledger.Commit();
        _ledger.Commit();
        await reader.HasAllUntilAsync(3);
    }

    [Fact]
    public async Task An_append_that_never_came_is_found_by_the_next_reader()
    {
        var log = Log();
        await AppendAsync(log, 2);
        _ledger.Commit();
        await using var reader = new Listener(log, "feed:alice");
        await reader.HasAllUntilAsync(3);
    }

    [Fact]
    public async Task An_append_that_never_came_is_found_by_the_recheck()
    {
        var log = Log(LiveBench.Options(recheck: TimeSpan.FromMilliseconds(100)));
        await using var reader = new Listener(log, "feed:alice");
        await AppendAsync(log, 2);
        await reader.HasAllUntilAsync(2);
        _ledger.Commit();
        await reader.HasAllUntilAsync(3);
    }

    [Fact]
    public async Task A_repeated_append_changes_nothing()
    {
        var log = Log();
        await using var reader = new Listener(log, "feed:alice");
        await AppendAsync(log, 1);
        for (var i = 0; i < 3; i++)
            await log.AppendAsync("feed:alice", 1, new Note(1, "note 1"), Ct);
        await AppendAsync(log, 1);
        await reader.HasAllUntilAsync(2);
        Assert.Equal(2, await Server.StreamLengthAsync(Stream));
    }

    [Fact]
    public async Task What_was_trimmed_comes_from_the_history()
    {
        var log = Log(LiveBench.Options(maxLength: 100));
        await AppendAsync(log, 450);
        Assert.True(await Server.StreamLengthAsync(Stream) < 250);
        await using var all = new Listener(log, "feed:alice");
        await using var some = new Listener(log, "feed:alice", LiveCursor.From(20));
        await all.HasAllUntilAsync(450);
        await some.HasAllUntilAsync(450);
    }

    [Fact]
    public async Task A_reader_slower_than_its_buffer_loses_nothing()
    {
        var log = Log(LiveBench.Options(buffer: 4, page: 5));
        var gate = new TaskCompletionSource();
        await AppendAsync(log, 1);
        await using var slow = new Listener(log, "feed:alice", slow: item => item.Cursor.Sequence == 2 ? gate.Task : Task.CompletedTask);
        await using var fast = new Listener(log, "feed:alice");
        await Eventually.TrueAsync(() => Task.FromResult(_ledger.Reads == 2), "both readers at the end of what there is");
        await AppendAsync(log, 50);
        await fast.HasAllUntilAsync(51);
        slow.Check(2);
        gate.SetResult();
        await slow.HasAllUntilAsync(51);
        Assert.Equal(2, _ledger.Reads); // once for each join: the rest came from the stream
    }

    [Fact]
    public async Task A_history_that_fails_is_asked_again()
    {
        var log = Log();
        _ledger.Failure = new InvalidOperationException("the database restarts");
        for (var i = 0; i < 3; i++)
            _ledger.Commit();
        await using var reader = new Listener(log, "feed:alice");
        await Eventually.TrueAsync(() => Task.FromResult(_ledger.Reads > 2), "the history being asked again");
        _ledger.Failure = null;
        await reader.HasAllUntilAsync(3);
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("3 \n{not json")]
    public async Task A_message_that_is_no_item_costs_nothing(string message)
    {
        var log = Log();
        await using var reader = new Listener(log, "feed:alice");
        await AppendAsync(log, 2);
        await reader.HasAllUntilAsync(2);
        Assert.Equal(1, await server.Connection.GetSubscriber().PublishAsync(RedisChannel.Literal($"{_prefix}live:{{feed:alice}}:push"), message));
        await AppendAsync(log, 2);
        await reader.HasAllUntilAsync(4);
    }

    [Fact]
    public async Task A_log_expires_some_time_after_its_last_append()
    {
        var log = Log();
        await AppendAsync(log, 1);
        await Server.KeyPersistAsync(Stream);
        await AppendAsync(log, 1);
        var left = await Server.KeyTimeToLiveAsync(Stream);
        Assert.InRange(left!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a}b")]
    [InlineData("{a")]
    [InlineData("a\nb")]
    public async Task A_name_that_could_reach_other_keys_is_refused(string name)
    {
        var log = Log();
        await Assert.ThrowsAnyAsync<ArgumentException>(() => log.AppendAsync(name, 1, new Note(1, ""), Ct));
        Assert.ThrowsAny<ArgumentException>(() => log.ReadAsync(name, LiveCursor.Start, Ct));
    }

    private LiveLog<Note> Log(LiveLogOptions<Note>? options = null) => new(server.Connection, _prefix, options ?? LiveBench.Options(), _ledger);

    private IDatabase Server => server.Database;

    private async Task AppendAsync(LiveLog<Note> log, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var note = _ledger.Commit();
            await log.AppendAsync("feed:alice", note.Number, note, Ct);
        }
    }
}

public sealed class DurableLogOnOneServer(OwnRedis server) : DurableLogTests(server), IClassFixture<OwnRedis>;

public sealed class DurableLogOnACluster(ClusterRedis server) : DurableLogTests(server);
