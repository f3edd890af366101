using Orleans.Concurrency;
using Shop.Contracts.Notifications;

namespace Shop.Notifications.Feeds;

/// <inheritdoc cref="IFeedGrain" />
[StatelessWorker]
public sealed class FeedGrain(FeedStore feeds) : Grain, IFeedGrain
{
    public Task<IReadOnlyList<Notification>> ReadAsync(long after, int take) => feeds.ReadAsync(this.GetPrimaryKeyString(), after, Math.Clamp(take, 1, 1000));

    public Task<IReadOnlyList<Notification>> ReadBackAsync(long before, int take) => feeds.ReadBackAsync(this.GetPrimaryKeyString(), before, Math.Clamp(take, 1, 1000));
}
