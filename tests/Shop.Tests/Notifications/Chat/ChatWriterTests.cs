using Shop.Contracts.Chat;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Notifications.Chat;

public sealed class ChatWriterTests(Servers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_was_acknowledged_survives_a_wipe()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var sandbox = await ChatSandbox.CreateAsync(servers, connection);
        await using var live = sandbox.ReadAsync(0, Cancelled).GetAsyncEnumerator(Cancelled);
        for (var i = 1; i <= 30; i++)
        {
            if (i % 10 == 0)
                await connection.GetServers()[0].FlushAllDatabasesAsync();
            await sandbox.PostedAsync($"{i}");
            Assert.True(await live.MoveNextAsync());
            Assert.Equal($"{i}", live.Current.Value.Text);
        }

        await connection.GetServers()[0].FlushAllDatabasesAsync();

        Assert.Equal(Enumerable.Range(1, 30).Select(static i => $"{i}"), (await sandbox.NextAsync(0, 30, Cancelled)).Select(static item => item.Text));
    }

    [Fact]
    public async Task While_redis_is_away_or_paused_messages_are_acknowledged_and_readers_miss_none()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var sandbox = await ChatSandbox.CreateAsync(servers, connection);
        await using var live = sandbox.ReadAsync(0, Cancelled).GetAsyncEnumerator(Cancelled);
        await sandbox.PostedAsync("1");

        server.Pause();
        await sandbox.PostedAsync("2");
        server.Resume();
        await server.StopAsync();
        await sandbox.PostedAsync("3");
        await server.StartAsync(Cancelled);
        await sandbox.PostedAsync("4");

        for (var i = 1; i <= 4; i++)
        {
            Assert.True(await live.MoveNextAsync());
            Assert.Equal($"{i}", live.Current.Value.Text);
        }
    }

    [Fact]
    public async Task What_lies_beyond_the_streams_length_comes_from_postgres()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        const int Count = 1300;
        await sandbox.PostAsInAGrainAsync(Enumerable.Range(1, Count).Select(static i => $"{i}"));

        // Not one of the newest is missing there: they were appended in the order of their numbers.
        Assert.InRange(await sandbox.Redis.StreamLengthAsync(sandbox.Stream), 1000, 1200);
        var items = await sandbox.NextAsync(0, Count, Cancelled);
        Assert.Equal(Enumerable.Range(1, Count).Select(static i => (long)i), items.Select(static item => item.Sequence));
        Assert.Equal(Enumerable.Range(1, Count), items.Select(static item => int.Parse(item.Text!, System.Globalization.CultureInfo.InvariantCulture)).Order()); // posts at once have no order
    }

    [Fact]
    public async Task White_space_around_a_message_does_not_count()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);

        Assert.Equal("hello  world", (await sandbox.PostedAsync("\n  hello  world\t ")).Text);
    }

    [Fact]
    public async Task A_refused_message_leaves_nothing()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);

        var refused = await sandbox.PostAsync("this is a SCAM!");

        Assert.Equal((PostOutcome.Refused, ChatRefusalReason.BlockedWord), (refused.Outcome, refused.Refusal!.Reason));
        Assert.Equal(PostOutcome.NoSuchRoom, (await sandbox.PostAsync("hello", room: "no-such-room")).Outcome);
        Assert.Empty(await sandbox.Reader.AfterAsync(ChatSandbox.Lobby, 0, 10, Cancelled));
        Assert.False(await sandbox.Redis.KeyExistsAsync(sandbox.Stream));
    }

    [Fact]
    public async Task A_repeat_is_answered_like_the_first_time_even_if_moderation_would_refuse_it_now()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers, options: new() { Rooms = ChatSandbox.Patient.Rooms, Burst = 1, Interval = TimeSpan.FromHours(1) });
        await sandbox.PostAsync("hello", clientId: "1");

        var repeated = await sandbox.PostAsync("hello", clientId: "1");
        var next = await sandbox.PostAsync("hello again", clientId: "2");

        Assert.Equal((PostOutcome.AlreadyPosted, 1L), (repeated.Outcome, repeated.Message!.Sequence));
        Assert.Equal((PostOutcome.Refused, ChatRefusalReason.TooFast), (next.Outcome, next.Refusal!.Reason));
    }
}
