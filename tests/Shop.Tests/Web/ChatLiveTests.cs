using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.Contracts;
using Shop.Contracts.Chat;
using Shop.Redis.Live;
using Shop.Testing;
using Shop.Tests.Notifications.Chat;
using Shop.Web.Chat;
using Shop.Web.Grains;
using Xunit;

namespace Shop.Tests.Web;

public sealed class ChatLiveTests(Servers servers)
{
    [Fact]
    public async Task What_a_browser_is_told_is_counted_by_its_name()
    {
        var (prefix, room) = (RedisFixture.NewPrefix(), $"r{Guid.CreateVersion7():N}");
        var redis = servers.Redis.Connection;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Shop:KeyPrefix", prefix)]).Build();
        using var counts = new RoomCounts("Shop.Web.Chat", room);
        var live = new ChatLive(
            new GrainCalls(GrainDoubles.Of<IClusterClient>((_, _) => throw new NotSupportedException())),
            new LiveLog<ChatItem>(redis, prefix, new LiveLogOptions<ChatItem> { Json = EventsJson.Default.ChatItem }, new Said()),
            new ChatPresence(redis, configuration, TimeProvider.System, NullLogger<Presence>.Instance, NullLogger<ChatPresence>.Instance));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var told = new List<string>();
        await foreach (var next in live.EventsAsync(room, new ChatUser("ada", "Ada L."), new ChatOpening(0, []), leaving.Token))
        {
            told.Add(next.Name);
            if (((string[])["message", "presence", "removed", "typing"]).All(told.Contains))
                break;
        }

        await leaving.CancelAsync();
        Assert.Equal(
            told.GroupBy(static name => name, StringComparer.Ordinal).OrderBy(static names => names.Key, StringComparer.Ordinal).Select(static names => ($"shop.chat.delivered {names.Key}", (long)names.Count())),
            counts.All);
    }

    /// <summary>A room in which a message was written and another taken back.</summary>
    private sealed class Said : ILiveHistory<ChatItem>
    {
        public async IAsyncEnumerable<(long Sequence, ChatItem Value)> ReadAsync(string log, long after, [EnumeratorCancellation] CancellationToken ct)
        {
            await Task.Yield();
            foreach (var item in (ChatItem[])[new(1, new ChatUser("bob", "Bob"), DateTimeOffset.UnixEpoch, "hello"), new(2, new ChatUser("op", "Olga"), DateTimeOffset.UnixEpoch, Removes: 1)])
            {
                if (item.Sequence > after)
                    yield return (item.Sequence, item);
            }
        }
    }
}
