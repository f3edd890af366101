using System.Runtime.CompilerServices;
using Shop.Contracts.Chat;
using Shop.Redis.Live;
using Shop.Web.Grains;

namespace Shop.Web.Chat;

/// <summary>What lies behind the live log of a room: its items in Postgres, by way of the reader grain.</summary>
public sealed class ChatHistory(GrainCalls grains) : ILiveHistory<ChatItem>
{
    private const int PageSize = 200;

    public async IAsyncEnumerable<(long Sequence, ChatItem Value)> ReadAsync(string log, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        var room = log[(log.IndexOf(':', StringComparison.Ordinal) + 1)..];
        IReadOnlyList<ChatItem> page;
        do
        {
            var from = after;
            page = await grains.CallAsync(factory => factory.GetGrain<IChatReaderGrain>(0).AfterAsync(room, from, PageSize), ct);
            foreach (var item in page)
            {
                after = item.Sequence;
                yield return (item.Sequence, item);
            }
        }
        while (page.Count == PageSize);
    }
}
