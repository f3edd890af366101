using Dapper;
using Shop.Contracts.Chat;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Notifications.Chat;

public sealed class ChatRemovalTests(Servers servers)
{
    private const string Rude = "a rude remark";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_removed_text_is_nowhere_any_more_and_who_and_when_stays()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        var rude = await sandbox.PostedAsync(Rude);
        await sandbox.PostedAsync("something nice");
        Assert.Contains(Rude, await sandbox.StreamTextAsync(), StringComparison.Ordinal);

        var removal = await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, rude.Sequence, ChatSandbox.Operator, Cancelled);

        Assert.Equal((3L, rude.Sequence, ChatSandbox.Operator), (removal!.Sequence, removal.Removes, removal.By));
        var message = (await sandbox.Reader.PageAsync(ChatSandbox.Lobby, null, 10, Cancelled)).Messages[0];
        Assert.Equal((ChatSandbox.Ada, null, true), (message.By, message.Text, message.IsRemoved));
        Assert.Equal(rude.At, message.At, TimeSpan.FromMilliseconds(1)); // Postgres keeps microseconds
        Assert.DoesNotContain(Rude, await sandbox.StreamTextAsync(), StringComparison.Ordinal);
        await using var connection = await sandbox.Services.Database.OpenConnectionAsync(Cancelled);
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM chat_items AS item WHERE item::text LIKE '%rude%'"));
    }

    [Fact]
    public async Task A_reader_who_has_the_message_is_told_and_one_who_comes_later_never_gets_the_text()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        await using var live = sandbox.ReadAsync(0, Cancelled).GetAsyncEnumerator(Cancelled);
        await sandbox.PostedAsync("hello");
        var rude = await sandbox.PostedAsync(Rude);
        await sandbox.PostedAsync("how are you?");
        for (var i = 1; i <= 3; i++)
            Assert.True(await live.MoveNextAsync());

        await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, rude.Sequence, ChatSandbox.Operator, Cancelled);

        Assert.True(await live.MoveNextAsync());
        Assert.Equal((4L, rude.Sequence), (live.Current.Value.Sequence, live.Current.Value.Removes));
        for (var after = 0; after < 3; after++)
        {
            var later = await sandbox.NextAsync(after, 4 - after, Cancelled);
            Assert.Equal(Enumerable.Range(after + 1, 4 - after).Select(static i => (long)i), later.Select(static item => item.Sequence));
            Assert.DoesNotContain(later, static item => item.Text == Rude);
        }
    }

    [Fact]
    public async Task Removing_again_changes_nothing()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        await using var other = sandbox.Replica();
        var rude = await sandbox.PostedAsync(Rude);

        var removals = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? sandbox : other).Writer.RemoveAsync(ChatSandbox.Lobby, rude.Sequence, ChatSandbox.Operator, Cancelled)));

        Assert.All(removals, static removal => Assert.Equal(2, removal!.Sequence));
        Assert.Equal(2, (await sandbox.Reader.AfterAsync(ChatSandbox.Lobby, 0, 10, Cancelled)).Count);
    }

    [Fact]
    public async Task Only_messages_can_be_removed()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        await sandbox.PostedAsync("hello");
        var removal = await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, 1, ChatSandbox.Operator, Cancelled);

        Assert.Null(await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, removal!.Sequence, ChatSandbox.Operator, Cancelled));
        Assert.Null(await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, 99, ChatSandbox.Operator, Cancelled));
        Assert.Null(await sandbox.Writer.RemoveAsync("parcels", 1, ChatSandbox.Operator, Cancelled));
        Assert.Null(await sandbox.Writer.RemoveAsync("no-such-room", 1, ChatSandbox.Operator, Cancelled));
    }

    [Fact]
    public async Task A_post_that_is_repeated_after_its_removal_does_not_come_back()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        await sandbox.PostAsync(Rude, clientId: "1");
        await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, 1, ChatSandbox.Operator, Cancelled);

        var repeated = await sandbox.PostAsync(Rude, clientId: "1");

        Assert.Equal((PostOutcome.AlreadyPosted, true), (repeated.Outcome, repeated.Message!.IsRemoved));
        Assert.DoesNotContain(Rude, await sandbox.StreamTextAsync(), StringComparison.Ordinal);
        Assert.Equal(2, (await sandbox.Reader.AfterAsync(ChatSandbox.Lobby, 0, 10, Cancelled)).Count);
    }

    [Fact]
    public async Task A_removal_that_redis_did_not_take_is_known_to_whoever_opens_the_room()
    {
        await using var server = await RedisFixture.StartServerAsync();
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast; // as the services have it: what fails is not sent later
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await using var sandbox = await ChatSandbox.CreateAsync(servers, connection);
        await sandbox.PostedAsync(Rude);

        await server.StopAsync();
        var removal = await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, 1, ChatSandbox.Operator, Cancelled);
        await server.StartAsync(Cancelled);
        await using var other = await RedisFixture.ConnectAsync(server);
        Assert.Contains(Rude, $"{(await other.GetDatabase().StreamRangeAsync(sandbox.Stream))[0]["data"]}", StringComparison.Ordinal);

        Assert.Equal([removal!.Removes!.Value], (await sandbox.Reader.OpenAsync(ChatSandbox.Lobby, 0, 50, Cancelled)).Removed);
        Assert.Null((await sandbox.Reader.AfterAsync(ChatSandbox.Lobby, 0, 1, Cancelled))[0].Text);
    }
}
