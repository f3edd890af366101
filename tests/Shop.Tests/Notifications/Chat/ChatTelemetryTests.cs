using System.Diagnostics;
using Shop.Testing;
using Shop.Tests.Messaging;
using Xunit;

namespace Shop.Tests.Notifications.Chat;

public sealed class ChatTelemetryTests(Servers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_trace_leads_from_the_post_to_the_delivery()
    {
        using var source = new ActivitySource(nameof(ChatTelemetryTests));
        using var spans = new RecordedSpans(source.Name, "Shop.Notifications.Chat", "Shop.Messaging", "Shop.Redis.Live");
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        ActivityTraceId trace;
        using (var request = source.StartActivity("request")!)
        {
            trace = request.TraceId;
            await sandbox.PostedAsync("hello");
            await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, 1, ChatSandbox.Operator, Cancelled);
        }

        await sandbox.NextAsync(1, 1, Cancelled);

        var ours = spans.Where(span => span.TraceId == trace).ToArray();
        var post = Assert.Single(ours, static span => span.OperationName == "chat post");
        Assert.Equal(("Posted", "lobby"), (post.GetTagItem("shop.chat.outcome"), post.GetTagItem("shop.chat.room")));
        var remove = Assert.Single(ours, static span => span.OperationName == "chat remove");
        Assert.Single(ours, span => span.OperationName.StartsWith("group commit ", StringComparison.Ordinal) && span.ParentSpanId == post.SpanId);
        var appends = ours.Where(static span => span.OperationName == "send live").ToArray();
        Assert.Equal([post.SpanId, remove.SpanId], appends.Select(static span => span.ParentSpanId));
        Assert.Single(ours, span => span.OperationName == "receive live" && span.ParentSpanId == appends[1].SpanId);
    }

    [Fact]
    public async Task What_is_posted_refused_and_removed_is_counted_once()
    {
        var room = $"r{Guid.CreateVersion7():N}";
        using var counts = new RoomCounts("Shop.Notifications.Chat", room);
        await using var sandbox = await ChatSandbox.CreateAsync(servers, options: new() { Rooms = [new(room, "Counted")], BlockedWords = ["scam"], Burst = 3 });

        await sandbox.PostAsync("hello", clientId: "1", room: room);
        await sandbox.PostAsync("hello", clientId: "1", room: room);
        await sandbox.PostAsync("a scam", room: room);
        await sandbox.PostAsync("", room: room);
        await sandbox.Writer.RemoveAsync(room, 1, ChatSandbox.Operator, Cancelled);
        await sandbox.Writer.RemoveAsync(room, 1, ChatSandbox.Operator, Cancelled);

        Assert.Equal(
            [("shop.chat.posted", 1), ("shop.chat.refused BlockedWord", 1), ("shop.chat.refused Empty", 1), ("shop.chat.removed", 1)],
            counts.All);
    }

    [Fact]
    public async Task What_redis_does_not_take_is_counted_and_posted_all_the_same()
    {
        var room = $"r{Guid.CreateVersion7():N}";
        using var counts = new RoomCounts("Shop.Notifications.Chat", room);
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var sandbox = await ChatSandbox.CreateAsync(servers, connection, new() { Rooms = [new(room, "Counted")] });
        await server.StopAsync();

        await sandbox.PostAsync("hello", room: room);
        await sandbox.Writer.RemoveAsync(room, 1, ChatSandbox.Operator, Cancelled);

        Assert.Equal([("shop.chat.not_sent", 2), ("shop.chat.posted", 1), ("shop.chat.removed", 1)], counts.All);
    }
}
