using Microsoft.Extensions.Logging;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Redis.Sessions;

/// <summary>
/// Sweeps: asks the vault what was written or ended lately, and puts Redis right.
/// <para>
/// While Redis is doubted, requests are served from the vault; it is believed again after a sweep over everything that it may
/// still have cached. Otherwise sweeps come at their interval, over what changed since the last, for the sake of those who died
/// between the vault and Redis, or cannot reach it.
/// </para>
/// </summary>
internal sealed class SessionKeeper : IAsyncDisposable
{
    /// <summary>How far the clocks of the processes may be apart, and how long a change may take to be committed.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PurgeInterval = TimeSpan.FromHours(1);
    private const int BatchSize = 500;

    private readonly ISessionVault _vault;
    private readonly SessionCache _cache;
    private readonly SessionOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RedisTrust _trust;
    private readonly LiveBackOff _backOff;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;
    private volatile Func<Task> _probe;
    private DateTimeOffset? _sweptAt;
    private DateTimeOffset _purgedAt;

    public SessionKeeper(IConnectionMultiplexer redis, ISessionVault vault, SessionCache cache, SessionOptions options, TimeProvider clock, ILogger logger)
    {
        _vault = vault;
        _cache = cache;
        _options = options;
        _clock = clock;
        _logger = logger;
        _backOff = new LiveBackOff(clock);
        _probe = () => cache.ProbeAsync(default);
        _purgedAt = clock.GetUtcNow() - PurgeInterval * Random.Shared.NextDouble();
        _trust = new RedisTrust(redis, clock, reason =>
        {
            SessionTelemetry.Doubted();
            logger.Doubted(reason);
        });
        _loop = Task.Run(KeepAsync, CancellationToken.None);
    }

    public bool TrustsRedis => _trust.Holds;

    /// <summary>From now on Redis is not believed, until a sweep has worked that begins after this, and the node of this session answers.</summary>
    public void Doubt(Exception exception, SessionHash hash)
    {
        _probe = () => _cache.ProbeAsync(hash);
        _trust.Doubt(exception.Message);
    }

    /// <summary>Tells Redis what the vault has committed. It may fail: Redis is doubted then, and told again by the sweep.</summary>
    public async Task TellRedisAsync(IReadOnlyList<SessionHash> hashes, Func<SessionHash, Task> tell)
    {
        if (hashes.Count == 0)
            return;
        try
        {
            await Task.WhenAll(hashes.Select(tell)).WaitAsync(_options.Patience, _clock).ConfigureAwait(false);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            Doubt(exception, hashes[0]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _trust.Dispose();
        await _closing.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    private async Task KeepAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            var pause = _options.SweepInterval * (0.8 + 0.4 * Random.Shared.NextDouble());
            try
            {
                await SweepAsync().WaitAsync(_closing.Token).ConfigureAwait(false);
                _backOff.Succeed();
                await PurgeAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (LiveOutage.IsAway(exception))
                    _trust.Doubt(exception.Message);
                else if (_backOff.Failures == 0)
                    _logger.SweepFailed(exception);
                _backOff.Fail();
                pause = _backOff.Left;
            }

            await _trust.SleepAsync(pause, _closing.Token).ConfigureAwait(false);
        }
    }

    private async Task SweepAsync()
    {
        var (doubts, trusted) = (_trust.Doubts, _trust.Holds);
        var now = _clock.GetUtcNow();
        // What was filled before this has expired from Redis.
        var since = (trusted ? _sweptAt : null) ?? now - 1.2 * _options.CacheLifetime;
        var corrected = 0;
        foreach (var changes in (await _vault.ListChangedAsync(since - Margin, _closing.Token).ConfigureAwait(false)).Chunk(BatchSize))
        {
            var news = await Task.WhenAll(changes.Select(change => change.Ended ? _cache.EndAsync(change.Hash) : _cache.DropOlderAsync(change.Hash, change.Version))).ConfigureAwait(false);
            corrected += news.Count(static wasNews => wasNews);
        }

        if (!trusted)
            await _probe().ConfigureAwait(false);
        _sweptAt = now;
        SessionTelemetry.Corrected(corrected);
        if (!trusted && _trust.Settle(doubts))
            _logger.Trusted(corrected);
        else if (corrected > 0)
            _logger.Corrected(corrected);
    }

    private async Task PurgeAsync()
    {
        var now = _clock.GetUtcNow();
        if (now - _purgedAt < PurgeInterval)
            return;
        _purgedAt = now;
        while (await _vault.PurgeAsync(now - _options.KeepEnded, BatchSize, _closing.Token).ConfigureAwait(false) == BatchSize)
            _closing.Token.ThrowIfCancellationRequested();
    }
}
