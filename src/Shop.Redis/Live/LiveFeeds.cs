using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>The logs that this process reads now: one <see cref="LiveFeed{T}"/> each, opened by the first reader and closed by the last.</summary>
internal sealed class LiveFeeds<T>(IConnectionMultiplexer redis, LiveStore<T> store, LiveLogOptions<T> options, ILiveHistory<T>? history, TimeProvider clock, ILogger logger)
{
    private readonly Dictionary<string, LiveFeed<T>> _feeds = [];
    private readonly Lock _gate = new();
    private readonly Lock _wire = new();

    public LiveFeed<T> Join(string log, LiveBuffer<T> buffer)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(log, out var feed))
                _feeds[log] = feed = new LiveFeed<T>(log, _wire, redis, store, options, history, clock, logger);
            feed.Add(buffer);
            return feed;
        }
    }

    public void Leave(LiveFeed<T> feed, LiveBuffer<T> buffer)
    {
        lock (_gate)
        {
            if (!feed.Remove(buffer))
                return;
            _feeds.Remove(feed.Log);
            feed.Close();
        }
    }
}
