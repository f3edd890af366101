using Shop.Redis.Live;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Live;

public abstract class MomentaryLogTests(ITestRedis server)
{
    private const string Room = "chat:lobby";
    private readonly string _prefix = RedisFixture.NewPrefix();
    private long _number;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RedisKey Stream => $"{_prefix}live:{{{Room}}}";

    [Fact]
    public async Task Redis_numbers_the_items_and_readers_get_each_once()
    {
        var log = Log();
        await AppendAsync(log, 3);
        await using var reader = new Listener(log, Room);
        await reader.HasAllUntilAsync(3);
        var cursor = await AppendAsync(log, 2);
        await reader.HasAllUntilAsync(5);
        Assert.Equal(5, cursor.Sequence);
        Assert.Equal(cursor, reader.Items[^1].Cursor);
    }

    [Fact]
    public async Task A_reader_that_waits_at_an_empty_log_gets_the_first_item()
    {
        var log = Log();
        await using var reader = new Listener(log, Room);
        await SubscribedAsync();
        await AppendAsync(log, 2);
        await reader.HasAllUntilAsync(2);
    }

    [Fact]
    public async Task A_cursor_survives_being_text()
    {
        var log = Log();
        var first = await AppendAsync(log, 1);
        await AppendAsync(log, 2);
        Assert.True(LiveCursor.TryParse(first.ToString(), out var cursor));
        await using var reader = new Listener(log, Room, cursor);
        await reader.HasAllUntilAsync(3);
    }

    [Fact]
    public async Task Readers_that_join_at_any_moment_see_no_gap_and_no_repeat()
    {
        const int Items = 600;
        var log = Log(LiveBench.Options(buffer: 8, page: 7));
        var done = 0;
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Items / 4; i++)
            {
                await log.AppendAsync(Room, new Note(0, "hello"), Ct);
                Interlocked.Increment(ref done);
            }
        }, Ct)).ToArray();
        var readers = new List<Listener>();
        try
        {
            for (var next = 0; next < Items; next += 20)
            {
                readers.Add(new Listener(log, Room));
                await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref done) >= next), "more appends");
            }

            await Task.WhenAll(writers);
            foreach (var reader in readers)
            {
                await Eventually.TrueAsync(() => Task.FromResult(reader.Items.Count >= Items), "all items");
                Assert.Equal(Enumerable.Range(1, Items).Select(static n => (long)n), reader.Items.Select(static item => item.Cursor.Sequence));
            }
        }
        finally
        {
            foreach (var reader in readers)
                await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_wiped_log_is_a_gap_for_a_reader_that_comes_back()
    {
        var log = Log();
        var cursor = await AppendAsync(log, 3);
        await server.Database.KeyDeleteAsync(Stream);
        await AssertGapAsync(log, cursor);
        await AppendAsync(log, 5);
        await AssertGapAsync(log, cursor);
    }

    [Fact]
    public async Task A_wiped_log_is_a_gap_for_a_reader_that_listens()
    {
        var log = Log();
        var cursor = await AppendAsync(log, 3);
        await using var reader = new Listener(log, Room, cursor);
        await SubscribedAsync();
        await server.Database.KeyDeleteAsync(Stream);
        await AppendAsync(log, 1);
        var gap = await Assert.ThrowsAsync<LiveLogGapException>(() => reader.Reading.WaitAsync(TimeSpan.FromSeconds(20), Ct));
        Assert.Equal((Room, cursor), (gap.Log, gap.Cursor));
        Assert.Empty(reader.Items);
    }

    [Fact]
    public async Task A_cursor_below_the_oldest_entry_is_a_gap()
    {
        var log = Log(LiveBench.Options(maxLength: 100));
        var cursor = await AppendAsync(log, 1);
        await AppendAsync(log, 400);
        await AssertGapAsync(log, cursor);
    }

    [Fact]
    public async Task From_the_start_a_trimmed_log_gives_what_it_still_has()
    {
        var log = Log(LiveBench.Options(maxLength: 100));
        await AppendAsync(log, 400);
        await using var reader = new Listener(log, Room);
        await Eventually.TrueAsync(() => Task.FromResult(reader.Items.Count > 0 && reader.Items[^1].Cursor.Sequence == 400), "the last item");
        var first = reader.Items[0].Cursor.Sequence;
        Assert.InRange(first, 2, 301);
        Assert.Equal(Enumerable.Range((int)first, 401 - (int)first).Select(static n => (long)n), reader.Items.Select(static item => item.Cursor.Sequence));
    }

    [Fact]
    public async Task A_listener_that_is_left_behind_by_trimming_gets_an_exception_and_no_silent_part()
    {
        var log = Log(LiveBench.Options(maxLength: 10, buffer: 2, page: 2));
        var gate = new TaskCompletionSource();
        await AppendAsync(log, 1);
        await using var reader = new Listener(log, Room, slow: _ => gate.Task);
        await Eventually.TrueAsync(() => Task.FromResult(reader.Items.Count == 1), "the first item");
        await AppendAsync(log, 500);
        gate.SetResult();
        await Assert.ThrowsAsync<LiveLogGapException>(() => reader.Reading.WaitAsync(TimeSpan.FromSeconds(20), Ct));
        reader.Check(reader.Items.Count);
    }

    [Fact]
    public async Task A_push_that_was_lost_is_found_by_the_recheck_which_also_keeps_the_log_alive()
    {
        var log = Log(LiveBench.Options(recheck: TimeSpan.FromMilliseconds(100)));
        var cursor = await AppendAsync(log, 1);
        await using var reader = new Listener(log, Room);
        await reader.HasAllUntilAsync(1);
        var id = $"{cursor.ToString().Split('-')[0]}-2";
        await server.Database.StreamAddAsync(Stream, [new("data", """{"Number":2,"Text":"not pushed"}"""), new("traceparent", "")], id);
        await server.Database.KeyExpireAsync(Stream, TimeSpan.FromMinutes(1));
        await reader.HasAllUntilAsync(2);
        await Eventually.BecomesAsync(() => server.Database.KeyTimeToLiveAsync(Stream), static left => left > TimeSpan.FromHours(1), "a renewed expiry");
    }

    [Fact]
    public async Task The_two_kinds_of_log_do_not_pass_for_each_other()
    {
        var momentary = Log();
        var durable = new LiveLog<Note>(server.Connection, _prefix, LiveBench.Options(), new Ledger());
        var cursor = await AppendAsync(momentary, 1);
        await durable.AppendAsync("order:1", 1, new Note(1, ""), Ct);

        await Assert.ThrowsAsync<InvalidOperationException>(() => durable.AppendAsync(Room, new Note(1, ""), Ct));
        Assert.Throws<ArgumentException>(() => durable.ReadAsync(Room, cursor, Ct));
        await Assert.ThrowsAsync<RedisServerException>(() => momentary.AppendAsync("order:1", new Note(1, ""), Ct));
        await using var wrong = new Listener(durable, Room);
        await Assert.ThrowsAsync<InvalidOperationException>(() => wrong.Reading.WaitAsync(TimeSpan.FromSeconds(20), Ct));
        await using var wrongToo = new Listener(momentary, "order:1");
        await Assert.ThrowsAsync<InvalidOperationException>(() => wrongToo.Reading.WaitAsync(TimeSpan.FromSeconds(20), Ct));
    }

    private LiveLog<Note> Log(LiveLogOptions<Note>? options = null) => new(server.Connection, _prefix, options ?? LiveBench.Options());

    private async Task<LiveCursor> AppendAsync(LiveLog<Note> log, int count)
    {
        var cursor = LiveCursor.Start;
        for (var i = 0; i < count; i++)
            cursor = await log.AppendAsync(Room, new Note(++_number, "hello"), Ct);
        return cursor;
    }

    private Task SubscribedAsync() => Eventually.BecomesAsync(
        async () => (long)(await server.Database.ExecuteAsync("PUBSUB", "NUMSUB", $"{_prefix}live:{{{Room}}}:push"))[1], static count => count == 1, "a subscription");

    private static async Task AssertGapAsync(LiveLog<Note> log, LiveCursor cursor)
    {
        await using var reader = new Listener(log, Room, cursor);
        var gap = await Assert.ThrowsAsync<LiveLogGapException>(() => reader.Reading.WaitAsync(TimeSpan.FromSeconds(20), Ct));
        Assert.Contains(Room, gap.Message, StringComparison.Ordinal);
        Assert.Contains(cursor.ToString(), gap.Message, StringComparison.Ordinal);
    }
}

public sealed class MomentaryLogOnOneServer(OwnRedis server) : MomentaryLogTests(server), IClassFixture<OwnRedis>;

public sealed class MomentaryLogOnACluster(ClusterRedis server) : MomentaryLogTests(server);
