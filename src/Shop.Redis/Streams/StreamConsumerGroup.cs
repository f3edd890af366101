using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// One consumer of a group: reads the stream, handles messages in parallel lanes, and acknowledges what was handled.
/// <para>
/// The <see cref="EntryReader"/> asks for as much as there is room for (XREADGROUP, never blocking) and sleeps between empty reads
/// until a producer's PUBLISH wakes it. <see cref="KeyLanes"/> keeps the order of each key while different keys run in parallel; an
/// entry that fails stays pending and waits at the head of its key. <see cref="EntryHandler"/> counts a delivery in Redis before
/// its handler runs, so that a message which kills its process ends on the dead-letter stream like one that throws.
/// <see cref="Recoverer"/> renews what is held and takes over from consumers that died; <see cref="Janitor"/> trims and measures.
/// A consumer group alone does not keep order: Redis deals a key's entries out to all consumers. So one consumer at a time owns
/// the partition (<see cref="PartitionOwner"/>), takes over everything that is pending, oldest first, before it reads what is new,
/// and the others stand by; the price is that one process does the work of a partition. When Redis is away the loops wait for it;
/// when it was wiped, the group is created again from the beginning of the stream. On shutdown nothing more is begun, what runs
/// is finished and acknowledged, and the rest is handed back to the group.
/// </para>
/// </summary>
/// <remarks>
/// Guarantee: at least once; in order per key, across retries, take-overs and consumers, except that a consumer that outlives its
/// lease in the middle of a handler (a long pause) finishes that one beside its successor: guard what must not happen twice with
/// a fencing token or a constraint. A message put back from the dead letters comes after those that overtook it.
/// Redis commands: XGROUP CREATE, XREADGROUP, XACK, XPENDING, XCLAIM, XINFO, XTRIM MINID, SUBSCRIBE, and the scripts beside this file (Redis 7.0 or later).
/// </remarks>
public sealed class StreamConsumerGroup
{
    private static readonly TimeSpan AbandonAfter = TimeSpan.FromSeconds(2);

    private readonly IConnectionMultiplexer _redis;
    private readonly string _keyPrefix;
    private readonly StreamConsumerGroupOptions _options;
    private readonly StreamHandler _handler;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly StreamKeys _keys;
    private readonly GroupCommands _commands;

    /// <summary>Nothing is read before <see cref="RunAsync"/>.</summary>
    /// <param name="redis">The connection; shared, never blocked.</param>
    /// <param name="keyPrefix">Put before every key; the producer's.</param>
    /// <param name="options">Which stream and group, and how.</param>
    /// <param name="handler">Called for each message.</param>
    /// <param name="clock">For pauses and back-off; Redis's own clock decides what is idle.</param>
    /// <param name="logger">None when null.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or two contradict each other.</exception>
    public StreamConsumerGroup(
        IConnectionMultiplexer redis, string keyPrefix, StreamConsumerGroupOptions options, StreamHandler handler, TimeProvider? clock = null, ILogger<StreamConsumerGroup>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        options.Validate();
        (_redis, _keyPrefix, _options, _handler) = (redis, keyPrefix, options, handler);
        _clock = clock ?? TimeProvider.System;
        _logger = logger ?? NullLogger<StreamConsumerGroup>.Instance;
        _keys = new StreamKeys(keyPrefix, options.Stream, partition: 0);
        _commands = new GroupCommands(redis.GetDatabase(), _keys, options.Group, options.Consumer);
    }

    /// <summary>
    /// Consumes until <paramref name="stopping"/> is cancelled; then finishes what runs, hands back the rest, and returns: after at most
    /// <see cref="StreamConsumerGroupOptions.DrainTimeout"/> and a few seconds for handlers that obey their cancellation and for Redis.
    /// </summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var abort = new CancellationTokenSource();
        using var abandon = new CancellationTokenSource();
        var outage = Outage();
        var acknowledger = new Acknowledger(_commands, outage);
        var deadLetters = new DeadLetterWriter(_commands, _options, outage, _logger);
        var owner = new PartitionOwner(_commands, _options, _clock);
        var handler = new EntryHandler(_commands, _options, _handler, owner, acknowledger, deadLetters, outage, _clock, _logger);
        var aborted = abort.Token;
        var lanes = new KeyLanes(_options, entry => handler.HandleAsync(entry, aborted), _clock);
        var intake = new EntryIntake(_options, lanes, acknowledger, deadLetters);
        var recoverer = new Recoverer(_commands, _options, lanes, intake, owner, _logger);
        var reader = new EntryReader(_commands, _options, lanes, intake, owner, recoverer, outage, _logger);
        var janitor = new Janitor(_commands, _options, new StreamInspector(_redis, _keyPrefix), _logger);

        _logger.Started(_options.Stream, _options.Group, _options.Consumer);
        var writing = Task.WhenAll(acknowledger.RunAsync(lanes, abandon.Token), deadLetters.RunAsync(abandon.Token));
        try
        {
            await ReadAsync(reader, recoverer, janitor, stopping).ConfigureAwait(false);
        }
        finally
        {
            // Nothing more is begun, what runs is finished, the rest goes back. The lease is kept meanwhile, so that nobody
            // handles a key's next entry before its last is done.
            using var renewing = new CancellationTokenSource();
            var renewal = RepeatAsync(_options.RenewInterval, owner.RenewAsync, renewing.Token);
            var neverBegan = lanes.Stop();
            var drained = await DrainAsync(lanes, abort).ConfigureAwait(false);
            await renewing.CancelAsync().ConfigureAwait(false);
            await renewal.ConfigureAwait(false);
            abandon.CancelAfter(AbandonAfter);
            acknowledger.Complete();
            deadLetters.Complete();
            await writing.ConfigureAwait(false);
            if (drained)
                await LeaveAsync(owner, neverBegan, outage).ConfigureAwait(false);
            StreamTelemetry.Forget(_options.Stream, _options.Group);
        }
    }

    private async Task ReadAsync(EntryReader reader, Recoverer recoverer, Janitor janitor, CancellationToken stopping)
    {
        using var background = new CancellationTokenSource();
        var wakeUps = new WakeUps(_redis.GetSubscriber(), _keys.Wake, _clock);
        await using var first = wakeUps.ConfigureAwait(false);
        var handOvers = new WakeUps(_redis.GetSubscriber(), _keys.HandOver(_options.Group), _clock);
        await using var second = handOvers.ConfigureAwait(false);
        var roles = Task.WhenAll(
            RepeatAsync(_options.RenewInterval, recoverer.RunOnceAsync, background.Token, handOvers),
            RepeatAsync(_options.JanitorInterval, janitor.RunOnceAsync, background.Token));
        try
        {
            await reader.RunAsync(wakeUps, handOvers, stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // told to stop
        }
        finally
        {
            await background.CancelAsync().ConfigureAwait(false);
            await roles.ConfigureAwait(false);
        }
    }

    /// <summary>Runs a role again and again; its failures are Redis's, and pass.</summary>
    private async Task RepeatAsync(TimeSpan interval, Func<Task> role, CancellationToken stopping, WakeUps? sooner = null)
    {
        var outage = Outage();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await role().ConfigureAwait(false);
                outage.Worked();
            }
            catch (Exception exception) when (RedisOutage.IsGroupMissing(exception))
            {
                // the reader creates it
            }
            catch (Exception exception) when (RedisOutage.IsAway(exception))
            {
                outage.Failed(exception);
            }

            var pause = sooner?.SleepAsync(interval, stopping) ?? Task.Delay(interval, _clock, stopping);
            await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>False when a handler still runs though it was cancelled.</summary>
    private async Task<bool> DrainAsync(KeyLanes lanes, CancellationTokenSource abort)
    {
        var draining = lanes.DrainAsync();
        try
        {
            await draining.WaitAsync(_options.DrainTimeout, _clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.DrainTimedOut(_options.Stream, _options.Group, _options.DrainTimeout);
            await abort.CancelAsync().ConfigureAwait(false);
            try
            {
                await draining.WaitAsync(AbandonAfter, _clock).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                _logger.HandlersAbandoned(_options.Stream, _options.Group, _options.ClaimAfter);
                return false;
            }
        }

        return true;
    }

    /// <summary>Best effort: what cannot be handed back is taken over after <see cref="StreamConsumerGroupOptions.ClaimAfter"/>.</summary>
    private async Task LeaveAsync(PartitionOwner owner, string[] neverBegan, RedisOutage outage)
    {
        try
        {
            var given = await _commands.HandBackAsync(_options.ClaimAfter * 10, neverBegan).ConfigureAwait(false);
            if (given > 0)
                _logger.HandedBack(_options.Stream, _options.Group, given);
            else
                await _commands.RemoveConsumerAsync(_options.Consumer).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisOutage.IsGroupMissing(exception))
        {
            // a standby that never saw the group, or a wipe: nothing to hand back
        }
        catch (Exception exception) when (RedisOutage.IsAway(exception))
        {
            outage.Failed(exception);
            return;
        }

        using var giveUp = new CancellationTokenSource(AbandonAfter, _clock);
        await outage.RetryAsync(owner.ReleaseAsync, giveUp.Token).ConfigureAwait(false);
    }

    private RedisOutage Outage() => new(_options.Stream, _options.Group, _clock, _logger);
}
