using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>Hears which jobs are to be cancelled, and tells those that run here. A message that is lost is made good by the next renewal of the leases.</summary>
internal sealed class JobOrders(ISubscriber subscriber, RedisChannel channel, JobLeases leases) : IAsyncDisposable
{
    private bool _subscribed;

    public async Task SubscribeAsync()
    {
        if (_subscribed)
            return;
        await subscriber.SubscribeAsync(channel, OnMessage).ConfigureAwait(false);
        _subscribed = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_subscribed)
            return;
        try
        {
            await subscriber.UnsubscribeAsync(channel, OnMessage, CommandFlags.FireAndForget).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException)
        {
            // the connection went first, and the subscription with it
        }
    }

    private void OnMessage(RedisChannel from, RedisValue id) => leases.Cancel(id);
}
