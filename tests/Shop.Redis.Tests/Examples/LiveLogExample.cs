using Shop.Redis.Live;
using Shop.Redis.Tests.Live;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Examples;

public sealed class LiveLogExample(OwnRedis server) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task A_feed_that_an_open_page_follows()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var json = NoteJson.Default.Note;
        var history = new Ledger();
        var note = history.Commit();
        var lastEventId = "0";
        var ct = TestContext.Current.CancellationToken;
        var sent = new List<string>();

        // begin: README
        var feeds = new LiveLog<Note>(redis, shop, new LiveLogOptions<Note> { Json = json }, history);
        await feeds.AppendAsync("feed:alice", note.Number, note, ct);   // the history has it already

        var after = LiveCursor.TryParse(lastEventId, out var seen) ? seen : LiveCursor.Start;
        await foreach (var item in feeds.ReadAsync("feed:alice", after, ct))
            if (!Send($"id: {item.Cursor}\ndata: {item.Value.Text}\n\n"))
                break;
        // end: README

        bool Send(string text)
        {
            sent.Add(text);
            return false;
        }

        Assert.Equal(["id: 1\ndata: note 1\n\n"], sent);
    }

    [Fact]
    public async Task A_message_that_is_taken_back()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        var history = new Ledger();
        var room = new LiveLog<Note>(redis, shop, new LiveLogOptions<Note> { Json = NoteJson.Default.Note }, history);
        var rude = history.Commit("rude");
        await room.AppendAsync("chat:lobby", rude.Number, rude, ct);

        // begin: README
        history.Rewrite(rude.Number, "(removed)");
        var removal = history.Commit("1 is removed");
        await room.RetractAsync("chat:lobby", rude.Number, removal.Number, removal, ct);
        // end: README

        var seen = await room.ReadAsync("chat:lobby", LiveCursor.Start, ct).Take(2).Select(static item => item.Value.Text).ToListAsync(ct);
        Assert.Equal(["(removed)", "1 is removed"], seen);
    }

    [Fact]
    public async Task Who_is_in_a_room()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;

        // begin: README
        var presence = new Presence(redis, shop);
        await using var here = await presence.EnterAsync("chat:lobby", "alice", ct);
        IReadOnlyList<string> users = await presence.WhoAsync("chat:lobby", ct);   // WatchAsync: and whenever they change
        await presence.ShowAsync("chat:lobby:typing", "alice", ct);   // for one time to live; HideAsync ends it sooner
        // end: README

        Assert.Equal(["alice"], users);
        Assert.Equal(["alice"], await presence.WhoAsync("chat:lobby:typing", ct));
    }
}
