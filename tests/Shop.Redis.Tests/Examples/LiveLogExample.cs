using Shop.Redis.Live;
using Shop.Redis.Tests.Live;
using Shop.Redis.Tests.Locks;
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
    public async Task Who_is_in_a_room()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;

        // begin: README
        var presence = new Presence(redis, shop);
        await using var here = await presence.EnterAsync("chat:lobby", "alice", ct);
        IReadOnlyList<string> users = await presence.WhoAsync("chat:lobby", ct);   // WatchAsync: and whenever they change
        // end: README

        Assert.Equal(["alice"], users);
    }
}
