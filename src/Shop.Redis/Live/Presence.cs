using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>
/// Who is in a room now.
/// <para>
/// Each connection of a user is a member of a sorted set, scored with the time until which it counts, by Redis's clock. Its
/// <see cref="PresenceHandle"/> renews it three times within the time to live; whoever stops (a process that died) is dropped by the next renewal of
/// anybody in the room, and is not counted meanwhile. A change is published, and watchers read the room again: the message carries nothing, so a lost or
/// repeated one does no harm, and watchers look by themselves as often as members renew.
/// </para>
/// <para>The price: reading a room costs time in proportion to its connections. It is meant for rooms of up to some thousands.</para>
/// </summary>
/// <remarks>Thread-safe. Redis commands, in scripts: TIME, ZADD, ZREM, ZREMRANGEBYSCORE, ZRANGEBYSCORE, PEXPIRE, PUBLISH; and SUBSCRIBE, UNSUBSCRIBE.</remarks>
public sealed class Presence
{
    private static readonly RedisScript Beat = RedisScript.Load<Presence>("presence-beat.lua");
    private static readonly RedisScript Who = RedisScript.Load<Presence>("presence-who.lua");

    private readonly IDatabase _database;
    private readonly PresenceKeys _keys;
    private readonly PresenceOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LiveOutage _outage;
    private readonly PresenceWatches _watches;

    /// <summary>Nothing is written before somebody enters.</summary>
    /// <param name="redis">The connection; shared, never blocked.</param>
    /// <param name="keyPrefix">Put in front of every key, for example <c>shop:</c>.</param>
    /// <param name="options">The time to live.</param>
    /// <param name="clock">Measures the time between renewals.</param>
    /// <param name="logger">Told of renewals that failed.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Presence(IConnectionMultiplexer redis, string keyPrefix, PresenceOptions? options = null, TimeProvider? clock = null, ILogger<Presence>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _options = options ?? new PresenceOptions();
        _options.Validate();
        _database = redis.GetDatabase();
        _keys = new PresenceKeys(keyPrefix);
        _clock = clock ?? TimeProvider.System;
        _logger = logger ?? NullLogger<Presence>.Instance;
        _outage = new LiveOutage(_logger);
        _watches = new PresenceWatches(room => new PresenceWatch(room, this, new WakeUps(redis.GetSubscriber(), RedisChannel.Literal(_keys.Channel(room)), _clock), _outage));
    }

    internal TimeSpan BeatInterval => _options.TimeToLive / 3;

    /// <summary>Shows a connection of <paramref name="user"/> in the room until the handle is disposed. Several connections of one user count as one.</summary>
    /// <param name="room">The room; at most 200 characters, no braces, no white space.</param>
    /// <param name="user">Who; not empty, any text.</param>
    /// <param name="ct">Gives up entering.</param>
    /// <exception cref="RedisException">Redis is away, and nobody has entered.</exception>
    public async Task<PresenceHandle> EnterAsync(string room, string user, CancellationToken ct = default)
    {
        LiveKeys.Validate(room);
        ArgumentException.ThrowIfNullOrEmpty(user);
        var handle = new PresenceHandle(this, room, user, _outage, _clock, _logger);
        await BeatAsync(PresenceTelemetry.Enter, room, handle.Member).WaitAsync(ct).ConfigureAwait(false);
        handle.Start(BeatInterval);
        return handle;
    }

    /// <summary>Like <see cref="EnterAsync"/> for somebody who does not wait: in the room as soon as Redis answers, at once or, when it is away, up to a third of the time to live after its return.</summary>
    /// <param name="room">The room; at most 200 characters, no braces, no white space.</param>
    /// <param name="user">Who; not empty, any text.</param>
    public PresenceHandle Enter(string room, string user)
    {
        LiveKeys.Validate(room);
        ArgumentException.ThrowIfNullOrEmpty(user);
        var handle = new PresenceHandle(this, room, user, _outage, _clock, _logger);
        handle.Start(TimeSpan.Zero);
        return handle;
    }

    /// <summary>Shows <paramref name="user"/> in the room for one time to live, without a handle: for what somebody does just now, such as typing. A repeat prolongs it.</summary>
    /// <param name="room">The room; at most 200 characters, no braces, no white space.</param>
    /// <param name="user">Who; not empty, any text.</param>
    /// <param name="ct">Gives up waiting for the reply.</param>
    /// <exception cref="RedisException">Redis is away; nobody is told.</exception>
    public Task ShowAsync(string room, string user, CancellationToken ct = default)
    {
        LiveKeys.Validate(room);
        ArgumentException.ThrowIfNullOrEmpty(user);
        return BeatAsync(PresenceTelemetry.Show, room, Shown(user)).WaitAsync(ct);
    }

    /// <summary>Ends what <see cref="ShowAsync"/> began; without a call the time to live ends it. A repeat changes nothing.</summary>
    /// <param name="room">The room.</param>
    /// <param name="user">Who.</param>
    /// <param name="ct">Gives up waiting for the reply.</param>
    /// <exception cref="RedisException">Redis is away; the time to live ends it.</exception>
    public Task HideAsync(string room, string user, CancellationToken ct = default)
    {
        LiveKeys.Validate(room);
        ArgumentException.ThrowIfNullOrEmpty(user);
        return LeaveAsync(PresenceTelemetry.Hide, room, Shown(user)).WaitAsync(ct);
    }

    /// <summary>The users in the room now, each once, in ordinal order.</summary>
    /// <param name="room">The room.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<IReadOnlyList<string>> WhoAsync(string room, CancellationToken ct = default)
    {
        LiveKeys.Validate(room);
        var members = await ReadAsync(room).WaitAsync(ct).ConfigureAwait(false);
        return [.. members.Select(static member => member[(member.IndexOf(' ', StringComparison.Ordinal) + 1)..]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>The users in the room now, and again whenever they change, for ever. While Redis is away it waits. All watchers of a room in this process share one subscription and one look.</summary>
    /// <param name="room">The room.</param>
    /// <param name="ct">Ends the watching.</param>
    /// <exception cref="OperationCanceledException">The watching was cancelled.</exception>
    public async IAsyncEnumerable<IReadOnlyList<string>> WatchAsync(string room, [EnumeratorCancellation] CancellationToken ct)
    {
        LiveKeys.Validate(room);
        var watch = _watches.Join(room);
        try
        {
            await foreach (var users in watch.ReadAsync(ct).ConfigureAwait(false))
                yield return users;
        }
        finally
        {
            await _watches.LeaveAsync(watch).ConfigureAwait(false);
        }
    }

    internal Task BeatAsync(string operation, string room, string member) => SendAsync(operation, room, member, (long)_options.TimeToLive.TotalMilliseconds);

    internal Task LeaveAsync(string operation, string room, string member) => SendAsync(operation, room, member, 0);

    private async Task SendAsync(string operation, string room, string member, long timeToLive)
    {
        using var activity = PresenceTelemetry.Start(operation);
        try
        {
            var changed = (bool)await Beat.EvaluateAsync(_database, [_keys.Room(room)], [member, timeToLive, _keys.Channel(room)]).ConfigureAwait(false);
            PresenceTelemetry.Done(activity, operation, changed ? "changed" : "unchanged");
        }
        catch (Exception exception)
        {
            PresenceTelemetry.Failed(activity, operation, exception);
            throw;
        }
    }

    private async Task<string[]> ReadAsync(string room)
    {
        using var activity = PresenceTelemetry.Start(PresenceTelemetry.Who);
        try
        {
            var members = (string[])(await Who.EvaluateAsync(_database, [_keys.Room(room)], []).ConfigureAwait(false))!;
            PresenceTelemetry.Done(activity, PresenceTelemetry.Who, "read");
            return members;
        }
        catch (Exception exception)
        {
            PresenceTelemetry.Failed(activity, PresenceTelemetry.Who, exception);
            throw;
        }
    }

    /// <summary>The member of somebody without a connection.</summary>
    private static string Shown(string user) => $"- {user}";
}
