using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>
/// Runs the jobs of one queue. Any number of workers, on any number of machines, share a queue.
/// <para>
/// A queue is a consumer group over four streams: one for each <see cref="JobPriority"/>, and one in front for what was given back. The
/// <see cref="JobFetcher"/> asks for as many jobs as there are free places (XREADGROUP, never blocking) and sleeps between empty fetches
/// until a PUBLISH wakes it. Delivery makes an entry pending, and that is what counts as an attempt: before the handler runs, so that a
/// job which kills its worker runs out of attempts too. The entry also fences the attempt. <see cref="JobSettler"/> records how it ended,
/// many in one script, and Redis accepts that only while the entry is pending; whoever takes a job over moves it to another entry
/// in the same step. <see cref="JobLeases"/> renews what is held (XCLAIM) and cancels the tokens of what is lost. A job that fails waits
/// among the scheduled ones for its next attempt; <see cref="JobForwarder"/> queues those whose time has come, <see cref="JobRecoverer"/>
/// ends attempts of dead workers, <see cref="CronScheduler"/> makes the jobs of schedules, and <see cref="JobJanitor"/> forgets what is
/// kept no longer. Every worker has all of these roles, and a script decides between them: there is no leader to lose.
/// </para>
/// </summary>
/// <remarks>
/// Guarantee: a job that Redis has is run at least once, and ends once. It runs more than once when its worker is killed, paused beyond
/// its lease or cut off from Redis: handlers are idempotent. Started roughly in order within a priority; jobs run side by side.
/// Redis commands, in the scripts beside this file: XADD, XREADGROUP, XACK, XDEL, XTRIM, XPENDING, XCLAIM, XGROUP, XINFO, HSET and
/// other hash and sorted-set commands, PUBLISH; SUBSCRIBE (Redis 7.0 or later). Keys must not be evicted (<c>maxmemory-policy noeviction</c>).
/// </remarks>
public sealed class JobWorker
{
    private static readonly TimeSpan AbandonAfter = TimeSpan.FromSeconds(2);

    private readonly IConnectionMultiplexer _redis;
    private readonly string _keyPrefix;
    private readonly JobWorkerOptions _options;
    private readonly JobHandlers _handlers;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly JobKeys _keys;

    /// <summary>Nothing is fetched before <see cref="RunAsync"/>.</summary>
    /// <param name="redis">The connection; shared, never blocked.</param>
    /// <param name="keyPrefix">Put before every key; the enqueuers'.</param>
    /// <param name="options">Which queue, and how.</param>
    /// <param name="handlers">What it can do.</param>
    /// <param name="clock">For pauses and time-outs; Redis's own clock decides what is due, idle or expired.</param>
    /// <param name="logger">None when null.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the handlers are for another queue.</exception>
    public JobWorker(IConnectionMultiplexer redis, string keyPrefix, JobWorkerOptions options, JobHandlers handlers, TimeProvider? clock = null, ILogger<JobWorker>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentNullException.ThrowIfNull(keyPrefix);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handlers);
        options.Validate();
        if (handlers.Queue is { } queue && queue != options.Queue)
            throw new ArgumentException($"The handlers are for the queue {queue} and the worker is for {options.Queue}.", nameof(handlers));
        (_redis, _keyPrefix, _options, _handlers) = (redis, keyPrefix, options, handlers);
        _clock = clock ?? TimeProvider.System;
        _logger = logger ?? NullLogger<JobWorker>.Instance;
        _keys = new JobKeys(keyPrefix, options.Queue);
    }

    /// <summary>
    /// Works until <paramref name="stopping"/> is cancelled; then fetches no more, waits for what runs, gives back what did not finish
    /// within <see cref="JobWorkerOptions.DrainTimeout"/>, and returns: after at most that and a few seconds for handlers that obey their
    /// cancellation and for Redis.
    /// </summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var database = _redis.GetDatabase();
        var commands = new JobCommands(database, _keys, _options, _clock);
        var leases = new JobLeases(commands, _options, _clock, _logger);
        var settler = new JobSettler(commands, leases, _options, Outage(), _logger);
        var runner = new JobRunner(_handlers, commands, settler, _options, _clock, _logger);
        var lanes = new JobLanes(runner, _options);
        using var abandon = new CancellationTokenSource();
        using var leaving = new CancellationTokenSource();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var until = ending.Token;

        _logger.Started(_options.Queue, _options.Worker, _options.Concurrency);
        var working = lanes.WorkAsync();
        var settling = settler.RunAsync(abandon.Token);
        var holding = HoldAsync(leases, leaving.Token);
        try
        {
            Task[] roles =
            [
                FetchAsync(new JobFetcher(commands, lanes, leases, _options, Outage(), _logger), until),
                ForwardAsync(new JobForwarder(commands, _options), until),
                RepeatAsync(new JobRecoverer(commands, _handlers, _options, _logger).RunOnceAsync, until),
                RepeatAsync(new CronScheduler(database, _keys, _handlers, _options, _logger).RunOnceAsync, until),
                RepeatAsync(new JobJanitor(database, _keyPrefix, commands, new JobInspector(_redis, _keyPrefix, _clock), _options).RunOnceAsync, until),
            ];

            // They end when they are told to. One that ends otherwise has failed, and takes the others along: a worker is whole, or not there.
            await Task.WhenAny([.. roles, settling, holding]).ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(roles).ConfigureAwait(false);
        }
        finally
        {
            lanes.Complete();
            await DrainAsync(working, leases).ConfigureAwait(false);
            abandon.CancelAfter(AbandonAfter);
            settler.Complete();
            await settling.ConfigureAwait(false);
            await leaving.CancelAsync().ConfigureAwait(false);
            await holding.ConfigureAwait(false);
            await LeaveAsync(commands).ConfigureAwait(false);
            JobTelemetry.Forget(_options.Queue);
        }
    }

    private async Task FetchAsync(JobFetcher fetcher, CancellationToken stopping)
    {
        var wakeUps = new WakeUps(_redis.GetSubscriber(), _keys.Wake, _clock);
        await using (wakeUps.ConfigureAwait(false))
            await fetcher.RunAsync(wakeUps, stopping).ConfigureAwait(false);
    }

    private async Task ForwardAsync(JobForwarder forwarder, CancellationToken stopping)
    {
        var wakeUps = new WakeUps(_redis.GetSubscriber(), _keys.Due, _clock);
        await using var subscribed = wakeUps.ConfigureAwait(false);
        await Outage().RepeatAsync(
            async () =>
            {
                await wakeUps.SubscribeAsync().ConfigureAwait(false);
                return await forwarder.RunOnceAsync().ConfigureAwait(false);
            },
            wakeUps.SleepAsync,
            stopping).ConfigureAwait(false);
    }

    /// <summary>Keeps the leases, and listens for cancellations, until the last job has ended.</summary>
    private async Task HoldAsync(JobLeases leases, CancellationToken leaving)
    {
        var orders = new JobOrders(_redis.GetSubscriber(), _keys.Orders, leases);
        await using var subscribed = orders.ConfigureAwait(false);
        await Task.WhenAll(
            leases.WatchAsync(leaving),
            Outage().RepeatAsync(
                async () =>
                {
                    await orders.SubscribeAsync().ConfigureAwait(false);
                    return await leases.RenewAsync().ConfigureAwait(false);
                },
                SleepAsync,
                leaving)).ConfigureAwait(false);
    }

    /// <summary>Waits for what runs; then cancels it, and waits a little more.</summary>
    private async Task DrainAsync(Task working, JobLeases leases)
    {
        try
        {
            await working.WaitAsync(_options.DrainTimeout, _clock).ConfigureAwait(false);
            return;
        }
        catch (TimeoutException)
        {
            _logger.DrainTimedOut(_options.Queue, _options.DrainTimeout);
        }

        leases.StopAll(JobStop.ShutDown);
        try
        {
            await working.WaitAsync(AbandonAfter, _clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.HandlersAbandoned(_options.Queue, _options.Lease);
        }
    }

    /// <summary>Best effort: a worker that cannot say so is forgotten when it shows no more life.</summary>
    private async Task LeaveAsync(JobCommands commands)
    {
        try
        {
            await commands.LeaveAsync().WaitAsync(AbandonAfter, _clock).ConfigureAwait(false);
        }
        catch (Exception exception) when (JobOutage.IsAway(exception))
        {
            _logger.RedisAway(_options.Queue, exception.Message);
        }
    }

    private Task RepeatAsync(Func<Task<TimeSpan>> role, CancellationToken stopping) => Outage().RepeatAsync(role, SleepAsync, stopping);

    private Task SleepAsync(TimeSpan pause, CancellationToken stopping) => Task.Delay(pause, _clock, stopping);

    private JobOutage Outage() => new(_options.Queue, _clock, _logger);
}
