using System.Runtime.CompilerServices;
using Shop.Contracts.Notifications;
using Shop.Redis.Live;
using Shop.Web.Grains;

namespace Shop.Web.Live;

/// <summary>What lies behind the live log of a feed: the notifications in Postgres, by way of the feed's grain.</summary>
public sealed class FeedHistory(GrainCalls grains) : ILiveHistory<Notification>
{
    private const int PageSize = 100;

    public async IAsyncEnumerable<(long Sequence, Notification Value)> ReadAsync(string log, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        var customer = log[(log.IndexOf(':', StringComparison.Ordinal) + 1)..];
        IReadOnlyList<Notification> page;
        do
        {
            var from = after;
            page = await grains.CallAsync(factory => factory.GetGrain<IFeedGrain>(customer).ReadAsync(from, PageSize), ct);
            foreach (var notification in page)
            {
                after = notification.Sequence;
                yield return (notification.Sequence, notification);
            }
        }
        while (page.Count == PageSize);
    }
}
