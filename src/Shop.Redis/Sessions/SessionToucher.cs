using Microsoft.Extensions.Logging;

namespace Shop.Redis.Sessions;

/// <summary>
/// Notes in the vault that sessions were used, behind the requests' backs: while one batch is written, the next gathers. What a
/// crash or an error loses is noted at the session's next use after another touch interval.
/// </summary>
internal sealed class SessionToucher : IAsyncDisposable
{
    private const int BatchSize = 500;
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(5);

    private readonly ISessionVault _vault;
    private readonly SessionCache _cache;
    private readonly SessionKeeper _keeper;
    private readonly SessionRules _rules;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;
    private Dictionary<SessionHash, SessionTouch> _waiting = [];
    private bool _closed;

    public SessionToucher(ISessionVault vault, SessionCache cache, SessionKeeper keeper, SessionRules rules, ILogger logger)
    {
        _vault = vault;
        _cache = cache;
        _keeper = keeper;
        _rules = rules;
        _logger = logger;
        _loop = Task.Run(WriteAsync, CancellationToken.None);
    }

    public void Add(StoredSession session, DateTimeOffset at)
    {
        lock (_gate)
        {
            var first = _waiting.Count == 0;
            _waiting[session.Hash] = new SessionTouch(session.Hash, at, _rules.Seen(session, at).ExpiresAt);
            if (first)
                _signal.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            _signal.Release();
        }

        _closing.CancelAfter(FlushPatience);
        await _loop.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            await _signal.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            Dictionary<SessionHash, SessionTouch> batch;
            bool last;
            lock (_gate)
            {
                (batch, _waiting, last) = (_waiting, [], _closed);
            }

            foreach (var touches in batch.Values.Chunk(BatchSize))
                await WriteAsync(touches).ConfigureAwait(false);
            if (last)
                return;
        }
    }

    private async Task WriteAsync(SessionTouch[] touches)
    {
        try
        {
            var ended = await _vault.TouchAsync(touches, _closing.Token).ConfigureAwait(false);
            SessionTelemetry.Touched(touches.Length - ended.Count);
            // Redis thought that they lived.
            await _keeper.TellRedisAsync(ended, _cache.EndAsync).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _logger.TouchFailed(touches.Length, exception);
        }
    }
}
