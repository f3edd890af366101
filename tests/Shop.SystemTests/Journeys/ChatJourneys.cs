using System.Net;
using System.Text.Json;
using Dapper;

namespace Shop.SystemTests.Journeys;

[Collection(nameof(SharedShop))]
public sealed class ChatJourneys(ShopApp shop)
{
    private const string Lobby = "lobby";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_people_talk_and_see_each_other_come_type_and_go()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        var from = await ada.LastAsync(Lobby);
        await using var atAda = new ChatListener(ada, Lobby, from);
        await atAda.SeesAsync("presence", [ada, bob], ada);
        var atBob = new ChatListener(bob, Lobby, from);
        await using (atBob)
        {
            await atAda.SeesAsync("presence", [ada, bob], ada, bob);
            await atBob.SeesAsync("presence", [ada, bob], ada, bob);

            Assert.Equal(HttpStatusCode.NoContent, (await bob.AskAsync(HttpMethod.Post, $"/api/chat/rooms/{Lobby}/typing")).Status);
            await atAda.SawAsync("typing", bob);
            await bob.SaidAsync(Lobby, "hello, Ada");
            await atAda.HearsAsync("hello, Ada");
            await atAda.SeesAsync("typing", [ada, bob]);
            await ada.SaidAsync(Lobby, "hello, Bob");
            await atBob.HearsAsync("hello, Bob");
            Assert.Equal([(from + 1, "hello, Ada"), (from + 2, "hello, Bob")], atBob.Log);
        }

        await atAda.SeesAsync("presence", [ada, bob], ada);
    }

    [Fact]
    public async Task A_room_is_listed_with_how_many_are_in_it()
    {
        using var ada = shop.Shopper();
        await using (var listener = new ChatListener(ada, "help"))
        {
            await listener.SeesAsync("presence", [ada], ada);
            await Eventually.BecomesAsync(() => PresentAsync(ada, "help"), static present => present == 1, "one person in the room");
        }

        await Eventually.BecomesAsync(() => PresentAsync(ada, "help"), static present => present == 0, "nobody in the room");
        Assert.Equal(["lobby", "parcels", "help"], (await ada.AskAsync("/api/chat/rooms")).Body.GetProperty("items").EnumerateArray().Select(static room => room.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Who_comes_back_with_the_last_event_id_hears_everything_once()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        string last;
        await using (var first = new ChatListener(ada, Lobby, await ada.LastAsync(Lobby)))
        {
            await bob.SaidAsync(Lobby, "one");
            await first.HearsAsync("one");
            last = first.LastEventId;
        }

        await bob.SaidAsync(Lobby, "two");
        await bob.SaidAsync(Lobby, "three");
        await using var resumed = new ChatListener(ada, Lobby, after: 0, lastEventId: last);
        await bob.SaidAsync(Lobby, "four");

        await resumed.HearsAsync("four");
        Assert.Equal(["two", "three", "four"], resumed.Texts);
    }

    [Fact]
    public async Task History_beyond_the_streams_length_is_paged_and_followed_without_a_gap()
    {
        const string Room = "parcels";
        using var ada = shop.Shopper();
        await using (var database = await shop.DatabaseAsync("notificationsdb"))
        await using (var connection = await database.OpenConnectionAsync(Cancelled))
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO chat_rooms (room, last) VALUES ('parcels', 0) ON CONFLICT DO NOTHING;
                INSERT INTO chat_items (room, sequence, author, name, at, client_id, text)
                SELECT room, last + i, 'long-ago', 'Long Ago', now(), i::text, 'old ' || i FROM chat_rooms, generate_series(1, 1300) AS i WHERE room = 'parcels';
                UPDATE chat_rooms SET last = last + 1300 WHERE room = 'parcels'
                """);
        }

        var newest = await ada.SaidAsync(Room, "the newest");

        var seen = new List<long>();
        long? before = null;
        do
        {
            var page = (await ada.AskAsync($"{ChatShopper.MessagesOf(Room)}?take=200{(before is null ? "" : $"&before={before}")}")).Body;
            Assert.Equal(newest, page.GetProperty("last").GetInt64());
            seen.InsertRange(0, page.GetProperty("items").EnumerateArray().Select(static message => message.GetProperty("sequence").GetInt64()));
            before = page.GetProperty("previous") is { ValueKind: JsonValueKind.Number } previous ? previous.GetInt64() : null;
        }
        while (before is not null);
        Assert.Equal(Enumerable.Range(1, (int)newest).Select(static i => (long)i), seen);

        await using var listener = new ChatListener(ada, Room, after: 0);
        await listener.HearsAsync("the newest");
        Assert.Equal(seen, listener.Log.Select(static item => item.Sequence));
        await using var newcomer = new ChatListener(ada, Room);
        await newcomer.HearsAsync("the newest");
        Assert.Equal(50, newcomer.Log.Count);
    }

    [Fact]
    public async Task What_an_operator_removes_disappears_live_and_is_never_shown_again()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        var from = await ada.LastAsync(Lobby);
        await using var listener = new ChatListener(ada, Lobby, from);
        var rude = await ada.SaidAsync(Lobby, "something rude");
        await ada.SaidAsync(Lobby, "something nice");
        await listener.HearsAsync("something nice");

        Assert.Equal(HttpStatusCode.NoContent, await RemoveAsync(olga, rude));
        Assert.Equal(HttpStatusCode.NoContent, await RemoveAsync(olga, rude));

        await listener.HearsAsync($"removed {rude}");
        await using var newcomer = new ChatListener(ada, Lobby, from);
        await newcomer.HearsAsync($"removed {rude}");
        Assert.Equal([(rude, "(removed)"), (rude + 1, "something nice"), (rude + 2, $"removed {rude}")], newcomer.Log);
        var placeholder = (await ada.AskAsync($"{ChatShopper.MessagesOf(Lobby)}?take=2")).Body.GetProperty("items")[0];
        Assert.Equal((rude, true, ada.Customer), (placeholder.GetProperty("sequence").GetInt64(), placeholder.GetProperty("removed").GetBoolean(), placeholder.GetProperty("author").GetProperty("name").GetString()));
        Assert.Equal(JsonValueKind.Null, placeholder.GetProperty("text").ValueKind);
    }

    [Fact]
    public async Task The_same_key_posts_one_message()
    {
        using var ada = shop.Shopper();

        var first = await ada.SayAsync(Lobby, "once", "my-key");
        var again = await ada.SayAsync(Lobby, "once", "my-key");
        var inTheBody = await ada.AskAsync(HttpMethod.Post, ChatShopper.MessagesOf(Lobby), new { text = "once", clientId = "my-key" });
        var other = await ada.SayAsync(Lobby, "something else", "my-key");

        Assert.True(first.Status is HttpStatusCode.Created or HttpStatusCode.OK, $"{first}"); // OK when a first try was answered with 503
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity), (again.Status, inTheBody.Status, other.Status));
        Assert.Equal(first.Body.GetProperty("sequence").GetInt64(), again.Body.GetProperty("sequence").GetInt64());
        Assert.Equal(ada.Customer, first.Body.GetProperty("author").GetProperty("name").GetString());
        Assert.True(other.Body.GetProperty("errors").TryGetProperty("Idempotency-Key", out _));
    }

    private static async Task<HttpStatusCode> RemoveAsync(Shopper shopper, long sequence) =>
        (await shopper.AskAsync(HttpMethod.Delete, $"{ChatShopper.MessagesOf(Lobby)}/{sequence}")).Status;

    private static async Task<int> PresentAsync(Shopper shopper, string room) =>
        (await shopper.AskAsync("/api/chat/rooms")).Body.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("name").GetString() == room).GetProperty("present").GetInt32();
}
