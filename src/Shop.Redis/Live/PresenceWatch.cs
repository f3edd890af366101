using System.Runtime.CompilerServices;
using Shop.Redis.Streams;

namespace Shop.Redis.Live;

/// <summary>
/// One room that this process watches, however many want to know: it looks when somebody came or went, and as often as members
/// renew. Watchers take the newest sighting; one that is slow skips those between.
/// </summary>
internal sealed class PresenceWatch
{
    private readonly Presence _presence;
    private readonly WakeUps _wakeUps;
    private readonly LiveOutage _outage;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _looking;
    private volatile Sighting _newest = new(null);

    public PresenceWatch(string room, Presence presence, WakeUps wakeUps, LiveOutage outage)
    {
        Room = room;
        _presence = presence;
        _wakeUps = wakeUps;
        _outage = outage;
        PresenceTelemetry.Watches.Add(1);
        // The loop belongs to no watcher: it must not carry the trace of the first.
        using (ExecutionContext.SuppressFlow())
            _looking = Task.Run(LookAsync, CancellationToken.None);
    }

    public string Room { get; }

    /// <summary>How many watch; guarded by the lock of <see cref="PresenceWatches"/>.</summary>
    public int Watchers { get; set; }

    public async IAsyncEnumerable<IReadOnlyList<string>> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var sighting = _newest;
            if (sighting.Users is { } users)
                yield return users;
            await sighting.Replaced.Task.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    public async Task CloseAsync()
    {
        PresenceTelemetry.Watches.Add(-1);
        await _closing.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
        await _wakeUps.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task LookAsync()
    {
        try
        {
            while (true)
            {
                if (await TryLookAsync().ConfigureAwait(false) is { } users && !(_newest.Users is { } last && users.SequenceEqual(last, StringComparer.Ordinal)))
                    Show(users);
                await _wakeUps.SleepAsync(_presence.BeatInterval, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // the last watcher has left
        }
        catch (Exception exception)
        {
            _newest.Replaced.TrySetException(exception); // a question that is wrong: every watcher learns it
        }
    }

    private async Task<IReadOnlyList<string>?> TryLookAsync()
    {
        try
        {
            await _wakeUps.SubscribeAsync().WaitAsync(_closing.Token).ConfigureAwait(false);
            var users = await _presence.WhoAsync(Room, _closing.Token).ConfigureAwait(false);
            _outage.Worked(Room);
            return users;
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            _outage.Failed(Room, exception);
            return null;
        }
    }

    private void Show(IReadOnlyList<string> users)
    {
        var replaced = _newest.Replaced;
        _newest = new Sighting(users);
        replaced.TrySetResult();
    }

    /// <summary>Who was there; null before the first look.</summary>
    private sealed record Sighting(IReadOnlyList<string>? Users)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
