using System.Collections.Concurrent;
using System.Globalization;
using Shop.Redis.Live;

namespace Shop.Redis.Sessions;

/// <summary>
/// Finds sessions: in Redis, and what Redis does not have, in the vault, once for all who ask at the same time.
/// <para>
/// Who may share a reading of the vault? One that began before a revocation must not serve a request that began after it. The
/// lease decides: a revocation takes it away, so whoever still sees it asked before the revocation was through, and may share
/// what its holder reads. Readings are therefore known by their lease, not by their session, and are known before the lease is
/// asked for: else a holder whose reply is late finds its reading begun and ended by another, and reads again.
/// </para>
/// </summary>
internal sealed class SessionReader(ISessionVault vault, SessionCache cache, SessionKeeper keeper, SessionToucher toucher, SessionRules rules, SessionOptions options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<StoredSession?>>> _readings = new(StringComparer.Ordinal);
    private readonly string _instance = Guid.CreateVersion7().ToString("N");
    private long _leases;

    /// <summary>The living session, and where it was found (or not), for the telemetry.</summary>
    public async Task<(Session? Session, string From)> GetAsync(SessionHash hash, CancellationToken ct)
    {
        var now = rules.Now();
        for (var again = false; keeper.TrustsRedis; again = true)
        {
            var mine = string.Create(CultureInfo.InvariantCulture, $"{_instance}#{Interlocked.Increment(ref _leases)}");
            var myReading = NewReading(hash, mine);
            _readings[mine] = myReading;
            try
            {
                if (await AskAsync(hash, mine, now, ct).ConfigureAwait(false) is not { } entry)
                    break;
                if (entry.Session is { } cached)
                {
                    if (entry.TouchDue)
                        toucher.Add(cached, now);
                    return (rules.Living(cached, now), SessionTelemetry.FromCache);
                }

                if (entry.Lease is not { } lease)
                    return (null, SessionTelemetry.FromTombstone);

                // Another's, and not being read here (yet, or any more): by now it may be filled.
                if (lease != mine && !again && !_readings.ContainsKey(lease))
                    continue;

                var reading = lease == mine ? myReading : _readings.GetOrAdd(lease, static (lease, all) => all.Reader.NewReading(all.Hash, lease), (Reader: this, Hash: hash));
                return (rules.Living(await reading.Value.WaitAsync(ct).ConfigureAwait(false), now), SessionTelemetry.FromVault);
            }
            finally
            {
                if (!myReading.IsValueCreated)
                    _readings.TryRemove(mine, out _);
            }
        }

        return (rules.Living(await FindAsync(hash, now, ct).ConfigureAwait(false), now), SessionTelemetry.FromVault);
    }

    /// <summary>What Redis has, or null when it is away.</summary>
    private async Task<SessionEntry?> AskAsync(SessionHash hash, string lease, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            return await cache.GetAsync(hash, lease, now).WaitAsync(options.Patience, clock, ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            keeper.Doubt(exception, hash);
            return null;
        }
    }

    private Lazy<Task<StoredSession?>> NewReading(SessionHash hash, string lease) => new(() => ReadAsync(hash, lease));

    private async Task<StoredSession?> ReadAsync(SessionHash hash, string lease)
    {
        try
        {
            var stored = await FindAsync(hash, rules.Now(), CancellationToken.None).ConfigureAwait(false);
            if (lease.StartsWith(_instance, StringComparison.Ordinal))
                await keeper.TellRedisAsync([hash], one => cache.FillAsync(one, lease, stored)).ConfigureAwait(false);
            return stored;
        }
        finally
        {
            _readings.TryRemove(lease, out _);
        }
    }

    private async Task<StoredSession?> FindAsync(SessionHash hash, DateTimeOffset now, CancellationToken ct)
    {
        var stored = await vault.FindAsync(hash, ct).ConfigureAwait(false);
        if (stored is null || rules.Living(stored, now) is null)
            return null;
        if (!rules.IsTouchDue(stored, now))
            return stored;
        toucher.Add(stored, now);
        return rules.Seen(stored, now);
    }
}
