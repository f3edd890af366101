using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// One consumer of a group: reads the stream, handles messages in parallel lanes, and acknowledges what was handled.
/// <para>
/// The reader asks for as much as it has room for (XREADGROUP, never blocking) and sleeps between empty reads until a producer's
/// PUBLISH wakes it. <see cref="KeyLanes"/> keeps the order of each key while different keys run in parallel; an entry that fails
/// stays pending and waits at the head of its key. A delivery is counted in Redis before its handler runs, so that a message
/// which kills its process ends on the dead-letter stream like one that throws. <see cref="Recoverer"/> renews what is held and
/// takes over from consumers that died; <see cref="Janitor"/> trims and measures. When Redis is away the loops wait for it; when
/// it was wiped, the group is created again from the beginning of the stream. On shutdown nothing more is begun, what runs is
/// finished and acknowledged, and the rest is handed back to the group.
/// </para>
/// </summary>
/// <remarks>
/// At least once, in order per key within one consumer. Across consumers of one group Redis deals entries out regardless of
/// their key: run one consumer, or make handlers bear disorder, until partitions have owners.
/// Redis commands: XGROUP CREATE, XREADGROUP, XACK, XPENDING, XCLAIM, XINFO, XTRIM MINID, SUBSCRIBE, and the scripts beside this file.
/// </remarks>
public sealed class StreamConsumerGroup
{
    private readonly IConnectionMultiplexer _redis;
    private readonly StreamConsumerGroupOptions _options;
    private readonly StreamHandler _handler;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly StreamKeys _keys;
    private readonly IDatabase _database;
    private readonly StreamScripts _scripts;
    private readonly RedisOutage _outage;
    private readonly Acknowledger _acknowledger;
    private readonly DeadLetterWriter _deadLetters;
    private readonly CancellationTokenSource _abort = new();

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
        (_redis, _options, _handler) = (redis, options, handler);
        _clock = clock ?? TimeProvider.System;
        _logger = logger ?? NullLogger<StreamConsumerGroup>.Instance;
        _keys = new StreamKeys(keyPrefix, options.Stream, partition: 0);
        _database = redis.GetDatabase();
        _scripts = new StreamScripts(_database, _keys, options.Group);
        _outage = new RedisOutage(options.Stream, options.Group, _clock, _logger);
        _acknowledger = new Acknowledger(_database, _keys.Stream, options.Group, _outage);
        _deadLetters = new DeadLetterWriter(_scripts, options, _outage, _logger);
    }

    /// <summary>Consumes until <paramref name="stopping"/> is cancelled; then finishes what runs, hands back the rest, and returns. Call once.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var lanes = new KeyLanes(_options.Lanes, _options.Capacity, HandleAsync, _clock);
        var intake = new EntryIntake(_options, lanes, _acknowledger, _deadLetters);
        var recoverer = new Recoverer(_database, _keys, _options, lanes, intake, _logger);
        var janitor = new Janitor(_database, _keys, _options, _scripts, _clock, _logger);
        var wakeUps = new WakeUps(_redis.GetSubscriber(), _keys.Wake, _clock);
        await using var unsubscribe = wakeUps.ConfigureAwait(false);
        using var abandon = new CancellationTokenSource();
        using var background = CancellationTokenSource.CreateLinkedTokenSource(stopping);

        _logger.Started(_options.Stream, _options.Group, _options.Consumer);
        var writing = Task.WhenAll(_acknowledger.RunAsync(abandon.Token), _deadLetters.RunAsync(abandon.Token));
        var recovering = RepeatAsync(recoverer.Interval, recoverer.RunOnceAsync, background.Token);
        var tidying = RepeatAsync(_options.JanitorInterval, janitor.RunOnceAsync, background.Token);
        try
        {
            await ReadAsync(lanes, intake, wakeUps, stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // told to stop
        }
        finally
        {
            await background.CancelAsync().ConfigureAwait(false);
            await ShutDownAsync(lanes, writing, Task.WhenAll(recovering, tidying), abandon).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(KeyLanes lanes, EntryIntake intake, WakeUps wakeUps, CancellationToken stopping)
    {
        var failures = 0;
        RedisValue? position = "0-0"; // what this consumer's name still holds from an earlier life comes first
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            var free = Math.Min(_options.BatchSize, lanes.FreePlaces);
            if (free == 0)
            {
                await lanes.WaitForRoomAsync(stopping).ConfigureAwait(false);
                continue;
            }

            StreamEntry[] entries;
            try
            {
                await wakeUps.SubscribeAsync().ConfigureAwait(false);
                entries = await _database.StreamReadGroupAsync(_keys.Stream, _options.Group, _options.Consumer, position ?? StreamPosition.NewMessages, free).ConfigureAwait(false);
                failures = 0;
                _outage.Worked();
            }
            catch (Exception exception) when (RedisOutage.IsGroupMissing(exception))
            {
                await CreateGroupAsync().ConfigureAwait(false);
                continue;
            }
            catch (Exception exception) when (RedisOutage.IsAway(exception))
            {
                _outage.Failed(exception);
                await Task.Delay(RedisOutage.PauseAfter(++failures), _clock, stopping).ConfigureAwait(false);
                continue;
            }

            foreach (var entry in entries)
                intake.Take(entry, redelivered: position is not null);
            if (position is not null)
                position = entries.Length == 0 ? (RedisValue?)null : entries[^1].Id;
            else if (entries.Length < free)
                await wakeUps.SleepAsync(_options.PollInterval, stopping).ConfigureAwait(false);
        }
    }

    private bool _hadGroup;

    private async Task CreateGroupAsync()
    {
        // Only a group that never was may skip the past; one that was lost reads everything that is there again.
        var from = _hadGroup ? "0-0" : _options.StartFrom;
        try
        {
            if (await _database.StreamCreateConsumerGroupAsync(_keys.Stream, _options.Group, from, createStream: true).ConfigureAwait(false))
                _logger.GroupCreated(_options.Stream, _options.Group, from);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // another consumer was faster
        }
        catch (Exception exception) when (RedisOutage.IsAway(exception))
        {
            _outage.Failed(exception); // the next read fails the same way, and waits
        }

        _hadGroup = true;
    }

    /// <summary>Handles one entry; null when it is done with, else the time to its next attempt.</summary>
    private async ValueTask<TimeSpan?> HandleAsync(HeldEntry entry)
    {
        try
        {
            if (entry.Attempt == 0 || entry.LastError is not null)
            {
                entry.Attempt = await _scripts.RecountAsync(_options.Consumer, entry.Id).ConfigureAwait(false);
                if (entry.Attempt == 0)
                    return null; // taken over by another, or gone with a wipe
                StreamTelemetry.Redeliveries.Add(1, StreamTelemetry.Tags(_options.Stream, _options.Group));
            }

            if (entry.Attempt > _options.MaxDeliveries)
            {
                await _deadLetters.WriteAsync(entry.Id, $"Not handled in {_options.MaxDeliveries} deliveries: its consumers died or gave up.", entry.LastError, entry.Attempt - 1).ConfigureAwait(false);
                return null;
            }

            if (await TryHandleAsync(entry).ConfigureAwait(false))
            {
                _acknowledger.Acknowledge(entry.Id);
                return null;
            }

            if (entry.Attempt < _options.MaxDeliveries)
            {
                var wait = _options.BackoffAfter(entry.Attempt);
                _logger.DeliveryFailed(entry.LastError!, _options.Stream, _options.Group, entry.Id, entry.Message.Type, entry.Message.Key, entry.Attempt, wait);
                return wait;
            }

            await _deadLetters.WriteAsync(entry.Id, entry.LastError!.Message, entry.LastError, entry.Attempt).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (RedisOutage.IsGroupMissing(exception))
        {
            return null; // wiped: whoever fills the stream again brings the entry back
        }
        catch (Exception exception) when (RedisOutage.IsAway(exception) || exception is RedisServerException)
        {
            _outage.Failed(exception);
            entry.LastError ??= exception;
            return RedisOutage.PauseAfter(5);
        }
    }

    private async ValueTask<bool> TryHandleAsync(HeldEntry entry)
    {
        var delivery = new StreamDelivery(_options.Stream, _options.Group, entry.Id, entry.Attempt, entry.Message);
        using var activity = StreamTelemetry.StartProcess(delivery);
        var started = _clock.GetTimestamp();
        try
        {
            await _handler(delivery, _abort.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            entry.LastError = exception;
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            activity?.AddException(exception);
            return false;
        }
        finally
        {
            StreamTelemetry.ProcessDuration.Record(_clock.GetElapsedTime(started).TotalSeconds, StreamTelemetry.Tags(_options.Stream, _options.Group));
        }
    }

    /// <summary>Runs a role again and again; its failures are Redis's, and pass.</summary>
    private async Task RepeatAsync(TimeSpan interval, Func<Task> role, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval, _clock);
        try
        {
            do
            {
                try
                {
                    await role().ConfigureAwait(false);
                }
                catch (Exception exception) when (RedisOutage.IsGroupMissing(exception))
                {
                    // the reader creates it
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
                {
                    _outage.Failed(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // told to stop
        }
    }

    private async Task ShutDownAsync(KeyLanes lanes, Task writing, Task background, CancellationTokenSource abandon)
    {
        var notBegun = lanes.Stop();
        await background.ConfigureAwait(false);
        await HandBackAsync(notBegun).ConfigureAwait(false);

        var draining = lanes.DrainAsync();
        try
        {
            await draining.WaitAsync(_options.DrainTimeout, _clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.DrainTimedOut(_options.Stream, _options.Group, _options.DrainTimeout);
            await _abort.CancelAsync().ConfigureAwait(false);
            await draining.ConfigureAwait(false);
        }

        abandon.CancelAfter(TimeSpan.FromSeconds(2));
        _acknowledger.Complete();
        _deadLetters.Complete();
        await writing.ConfigureAwait(false);
        await HandBackAsync(lanes.HeldIds().Except(notBegun, StringComparer.Ordinal).ToArray()).ConfigureAwait(false);
        StreamTelemetry.Forget(_options.Stream, _options.Group);
    }

    /// <summary>Best effort: what cannot be handed back is taken over after <see cref="StreamConsumerGroupOptions.ClaimAfter"/>.</summary>
    private async Task HandBackAsync(string[] ids)
    {
        try
        {
            var given = 0;
            foreach (var chunk in ids.Chunk(500))
                given += await _scripts.HandBackAsync(_options.Consumer, _options.ClaimAfter * 10, chunk).ConfigureAwait(false);
            if (given > 0)
                _logger.HandedBack(_options.Stream, _options.Group, given);
            await _scripts.RemoveConsumerAsync(_options.Consumer).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            _outage.Failed(exception);
        }
    }
}
