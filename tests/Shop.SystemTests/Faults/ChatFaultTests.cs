using System.Collections.Concurrent;
using System.Net;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;
using StackExchange.Redis;

namespace Shop.SystemTests.Faults;

/// <summary>Breaks one thing in the middle of a conversation: what was acknowledged is there, once and in order, for everybody.</summary>
[Collection(nameof(BrokenShop))]
public sealed class ChatFaultTests(ShopApp shop)
{
    private const string Lobby = "lobby";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task People_on_different_replicas_talk_through_a_wipe()
    {
        using var ada = At(0);
        using var bob = At(1);
        var from = await ada.LastAsync(Lobby);
        await using var atAda = new ChatListener(ada, Lobby, from);
        await using var atBob = new ChatListener(bob, Lobby, from);
        await atAda.SeesAsync("presence", [ada, bob], ada, bob);
        await ada.SaidAsync(Lobby, "before");
        await atBob.HearsAsync("before");

        await WipeAsync();
        await bob.SaidAsync(Lobby, "after");

        await atAda.HearsAsync("after");
        await atBob.HearsAsync("after");
        await atBob.SeesAsync("presence", [ada, bob], ada, bob);
        Assert.Equal([(from + 1, "before"), (from + 2, "after")], atAda.Log);
        await using var newcomer = new ChatListener(bob, Lobby, from);
        await newcomer.HearsAsync("after");
        Assert.Equal(["before", "after"], newcomer.Texts);
    }

    [Fact]
    public async Task While_redis_is_away_messages_are_acknowledged_removed_texts_stay_hidden_and_nobody_misses_anything()
    {
        using var ada = At(0);
        using var bob = At(1);
        using var olga = await shop.OperatorAsync();
        var redis = shop.App.Server("redis");
        var from = await ada.LastAsync(Lobby);
        await using var atBob = new ChatListener(bob, Lobby, from);
        var rude = await ada.SaidAsync(Lobby, "something rude");
        await atBob.HearsAsync("something rude");

        await redis.StopAsync();
        await ada.SaidAsync(Lobby, "while Redis is away");
        Assert.Equal(HttpStatusCode.NoContent, (await olga.AskAsync(HttpMethod.Delete, $"{ChatShopper.MessagesOf(Lobby)}/{rude}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await bob.AskAsync(HttpMethod.Post, $"/api/chat/rooms/{Lobby}/typing")).Status);
        Assert.Equal(HttpStatusCode.OK, (await bob.AskAsync("/api/chat/rooms")).Status);
        await atBob.HearsAsync("while Redis is away");
        await redis.StartAsync(Cancelled);
        await ada.SaidAsync(Lobby, "and back");

        await atBob.HearsAsync("and back");
        Assert.Equal(["something rude", "while Redis is away", $"removed {rude}", "and back"], atBob.Texts);
        await using var newcomer = new ChatListener(ada, Lobby, from); // the stream still has the text
        await newcomer.HearsAsync("and back");
        Assert.Equal(["(removed)", "while Redis is away", $"removed {rude}", "and back"], newcomer.Texts);
    }

    [Theory]
    [InlineData("notifications")]
    [InlineData("web")]
    public async Task A_process_that_is_killed_in_a_conversation_costs_nobody_a_message(string service)
    {
        using var ada = shop.Shopper();
        var from = await ada.LastAsync(Lobby);
        await using var listener = new ChatListener(ada, Lobby, from);
        var said = new ConcurrentBag<string>();
        var shoppers = Enumerable.Range(0, 12).Select(number => shop.Shopper($"talker-{number}")).ToArray();
        await Task.WhenAll(shoppers.Select(static shopper => shopper.SignUpAsync()));
        var talking = Task.WhenAll(shoppers.Select(async (talker, number) =>
        {
            using var shopper = talker;
            for (var i = 0; i < 8; i++)
            {
                var text = $"{service} {number} {i}";
                await shopper.SaidAsync(Lobby, text);
                said.Add(text);
            }
        }));
        await Eventually.TrueAsync(() => Task.FromResult(said.Count > 20), "a conversation", ChatShopper.Patience);

        var replica = shop.App.Replica(service);
        await replica.KillAsync();
        await talking;
        await replica.WaitUntilHealthyAsync(Cancelled);

        await listener.HearsAsync(said.Count);
        Assert.Equal(Enumerable.Range(1, said.Count).Select(i => from + i), listener.Log.Select(static item => item.Sequence));
        Assert.Equal(said.Order(StringComparer.Ordinal), listener.Texts.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_service_that_hangs_is_answered_with_503_also_when_the_cluster_has_given_it_up()
    {
        using var ada = shop.Shopper();
        await ada.SaidAsync(Lobby, "before");
        var replica = shop.App.Replica("notifications");
        replica.Pause();
        try
        {
            // The first waits for five seconds. After about as long the cluster declares the silo dead, and soon web knows nobody who has rooms.
            for (var i = 0; i < 5; i++)
            {
                var (status, body) = await ada.CallAsync(HttpMethod.Post, ChatShopper.MessagesOf(Lobby), new { text = "meanwhile" }, [("Idempotency-Key", "hangs")]);
                Assert.True(status == HttpStatusCode.ServiceUnavailable, $"{status}: {body}");
            }
        }
        finally
        {
            replica.Resume();
        }

        var (accepted, _) = await ada.SayAsync(Lobby, "meanwhile", "hangs");
        Assert.True(accepted is HttpStatusCode.Created or HttpStatusCode.OK, $"{accepted}"); // OK: the process had it already, and wrote it when it went on
    }

    private Shopper At(int replica) => shop.Shopper(replica: shop.App.Replica("web", replica).Address);

    private async Task WipeAsync()
    {
        var options = ConfigurationOptions.Parse((await shop.App.GetConnectionStringAsync("redis"))!);
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        await redis.GetServers()[0].FlushAllDatabasesAsync();
    }
}
