using Shop.Redis.Live;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Live;

/// <summary>Items of a durable log that are taken back: first in the history, then on the log.</summary>
public abstract class RetractionTests(ITestRedis server)
{
    private const string Room = "chat:lobby";

    private readonly string _prefix = RedisFixture.NewPrefix();
    private readonly Ledger _ledger = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RedisKey Stream => $"{_prefix}live:{{{Room}}}";

    [Fact]
    public async Task Whoever_comes_later_gets_a_retracted_item_as_the_history_has_it()
    {
        var log = Log();
        await AppendAsync(log, 5);
        await RetractAsync(log, 2);
        await AppendAsync(log, 3);

        await using var fromTheStart = new Listener(log, Room);
        await using var justBefore = new Listener(log, Room, LiveCursor.From(1));
        await using var justAfter = new Listener(log, Room, LiveCursor.From(2));

        await fromTheStart.HasAllUntilAsync(9);
        await justBefore.HasAllUntilAsync(9);
        await justAfter.HasAllUntilAsync(9);
        Assert.Equal("gone", fromTheStart.Items[1].Value.Text);
        Assert.Equal("gone", justBefore.Items[0].Value.Text);
        Assert.DoesNotContain("note 2", await StreamTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_had_it_gets_the_retraction_as_the_next_item()
    {
        var log = Log();
        await AppendAsync(log, 3);
        await using var reader = new Listener(log, Room);
        await reader.HasAllUntilAsync(3);

        await RetractAsync(log, 3);
        await reader.HasAllUntilAsync(4);
        await AppendAsync(log, 1);
        await reader.HasAllUntilAsync(5);

        Assert.Equal("note 3", reader.Items[2].Value.Text);
        Assert.Equal("3 is gone", reader.Items[3].Value.Text);
    }

    [Fact]
    public async Task Neither_a_repeated_retraction_nor_a_late_append_brings_it_back()
    {
        var log = Log();
        await AppendAsync(log, 3);
        var late = new Note(2, "note 2");
        var retraction = await RetractAsync(log, 2);

        await log.RetractAsync(Room, 2, retraction.Number, retraction, Ct);
        await log.AppendAsync(Room, 2, late, Ct);

        Assert.DoesNotContain("note 2", await StreamTextAsync(), StringComparison.Ordinal);
        Assert.Equal(3, await server.Database.StreamLengthAsync(Stream));
        await using var reader = new Listener(log, Room);
        await reader.HasAllUntilAsync(4);
        Assert.Equal("gone", reader.Items[1].Value.Text);
    }

    [Fact]
    public async Task What_a_wiped_stream_no_longer_has_can_be_retracted()
    {
        var log = Log();
        await AppendAsync(log, 3);
        await server.Database.KeyDeleteAsync(Stream);

        await RetractAsync(log, 1);

        Assert.True(await server.Database.KeyTimeToLiveAsync(Stream) > TimeSpan.Zero);
        await using var reader = new Listener(log, Room);
        await reader.HasAllUntilAsync(4);
        Assert.Equal("gone", reader.Items[0].Value.Text);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    public async Task Only_an_earlier_item_can_be_retracted(long retracted, long sequence) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Log().RetractAsync(Room, retracted, sequence, new Note(sequence, ""), Ct));

    private LiveLog<Note> Log() => new(server.Connection, _prefix, LiveBench.Options(), _ledger);

    private async Task<Note> RetractAsync(LiveLog<Note> log, long retracted)
    {
        _ledger.Rewrite(retracted, "gone");
        var note = _ledger.Commit($"{retracted} is gone");
        await log.RetractAsync(Room, retracted, note.Number, note, Ct);
        return note;
    }

    private async Task AppendAsync(LiveLog<Note> log, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var note = _ledger.Commit();
            await log.AppendAsync(Room, note.Number, note, Ct);
        }
    }

    private async Task<string> StreamTextAsync() =>
        string.Join('\n', (await server.Database.StreamRangeAsync(Stream)).SelectMany(static entry => entry.Values).Select(static field => field.Value));
}

public sealed class RetractionOnOneServer(OwnRedis server) : RetractionTests(server), IClassFixture<OwnRedis>;

public sealed class RetractionOnACluster(ClusterRedis server) : RetractionTests(server);
