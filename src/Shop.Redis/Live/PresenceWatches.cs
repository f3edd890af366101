namespace Shop.Redis.Live;

/// <summary>The rooms that this process watches now: opened by the first watcher and closed by the last.</summary>
internal sealed class PresenceWatches(Func<string, PresenceWatch> open)
{
    private readonly Dictionary<string, PresenceWatch> _watches = [];
    private readonly Lock _gate = new();

    public PresenceWatch Join(string room)
    {
        lock (_gate)
        {
            if (!_watches.TryGetValue(room, out var watch))
                _watches[room] = watch = open(room);
            watch.Watchers++;
            return watch;
        }
    }

    public async Task LeaveAsync(PresenceWatch watch)
    {
        lock (_gate)
        {
            if (--watch.Watchers > 0)
                return;
            _watches.Remove(watch.Room);
        }

        await watch.CloseAsync().ConfigureAwait(false);
    }
}
