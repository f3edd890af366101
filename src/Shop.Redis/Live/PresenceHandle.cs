using Microsoft.Extensions.Logging;

namespace Shop.Redis.Live;

/// <summary>One connection of a user in a room, renewed until it is disposed.</summary>
public sealed class PresenceHandle : IAsyncDisposable
{
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(1);

    private readonly Presence _presence;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LiveOutage _outage;
    private readonly CancellationTokenSource _leaving = new();
    private Task _renewal = Task.CompletedTask;

    internal PresenceHandle(Presence presence, string room, string user, LiveOutage outage, TimeProvider clock, ILogger logger)
    {
        _presence = presence;
        _clock = clock;
        _logger = logger;
        _outage = outage;
        Room = room;
        User = user;
        Member = $"{Guid.CreateVersion7():N} {user}";
    }

    /// <summary>The room.</summary>
    public string Room { get; }

    /// <summary>Who is in it.</summary>
    public string User { get; }

    internal string Member { get; }

    /// <summary>Begins to renew, the first time after <paramref name="wait"/>.</summary>
    internal void Start(TimeSpan wait)
    {
        PresenceTelemetry.Connections.Add(1);
        _renewal = RenewAsync(wait);
    }

    /// <summary>Leaves the room. When Redis does not answer within a second, the connection counts until its time to live has passed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_leaving.IsCancellationRequested)
            return;
        PresenceTelemetry.Connections.Add(-1);
        await _leaving.CancelAsync().ConfigureAwait(false);
        await _renewal.ConfigureAwait(false);
        try
        {
            await _presence.LeaveAsync(PresenceTelemetry.Leave, Room, Member).WaitAsync(LeavePatience, _clock).ConfigureAwait(false);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            _logger.LeaveFailed(Room, User, exception.Message);
        }
    }

    private async Task RenewAsync(TimeSpan wait)
    {
        try
        {
            while (true)
            {
                await Task.Delay(wait, _clock, _leaving.Token).ConfigureAwait(false);
                wait = _presence.BeatInterval;
                try
                {
                    await _presence.BeatAsync(PresenceTelemetry.Renew, Room, Member).WaitAsync(_leaving.Token).ConfigureAwait(false);
                    _outage.Worked(Room);
                }
                catch (Exception exception) when (LiveOutage.IsAway(exception))
                {
                    _outage.Failed(Room, exception); // and tried again
                }
            }
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // leaving
        }
    }
}
