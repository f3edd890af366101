using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Shop.Redis.Sessions;

/// <summary>
/// Sessions that are cached in Redis and kept in the application's database, its vault. Any process serves any user, a wipe of
/// Redis signs nobody out, and a session that has ended does not come back.
/// <para>
/// A client holds 256 random bits, the secret; Redis and the vault know its SHA-256 only. A request costs one GET of Redis, on
/// purpose: a copy in the process would save it, but somebody would have to take it away when the session is revoked, and
/// Pub/Sub, which delivers at most once, is nobody to bet a sign-out on. What Redis does not have is read from the vault by
/// whoever holds the session's lease there, and filled in only while that lease stands. A write, a revocation and a wipe take
/// the lease away, so nothing that was read before them is cached after them (the leases of "Scaling Memcache at Facebook",
/// NSDI 2013). Writes go to the vault first and then to Redis, where they replace what is older and make nothing new.
/// </para>
/// <para>
/// When Redis fails, is slow or the connection is lost, requests are served from the vault, and Redis is believed again once
/// everything that has lately ended or changed was put right there. So a server that comes back with what it knew before a
/// revocation does no harm to a process that saw it go. What remains is a process that dies between the vault and Redis, or
/// that cannot reach a Redis that others can: then the others learn of it at their next sweep, within
/// <see cref="SessionOptions.SweepInterval"/>.
/// </para>
/// </summary>
/// <remarks>Thread-safe; one per process and prefix. The connection and the vault stay the caller's. The clocks of the processes may be a minute apart.</remarks>
public sealed class RedisSessions : IAsyncDisposable
{
    private readonly ISessionVault _vault;
    private readonly SessionRules _rules;
    private readonly SessionCache _cache;
    private readonly SessionKeeper _keeper;
    private readonly SessionToucher _toucher;
    private readonly SessionReader _reader;

    /// <summary>Uses <paramref name="redis"/>, with <paramref name="keyPrefix"/> before every key.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="keyPrefix">For example <c>shop:</c>. Processes that share sessions share it.</param>
    /// <param name="vault">Where sessions are kept.</param>
    /// <param name="options">Defaults when null.</param>
    /// <param name="clock">Says when sessions expire and when to sweep; what Redis keeps expires by Redis's own clock.</param>
    /// <param name="logger">None when null.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public RedisSessions(IConnectionMultiplexer redis, string keyPrefix, ISessionVault vault, SessionOptions? options = null, TimeProvider? clock = null, ILogger<RedisSessions>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentNullException.ThrowIfNull(vault);
        options ??= new SessionOptions();
        options.Validate();
        clock ??= TimeProvider.System;
        logger ??= NullLogger<RedisSessions>.Instance;
        _vault = vault;
        _rules = new SessionRules(options, clock);
        _cache = new SessionCache(redis, new SessionKeys(keyPrefix), options);
        _keeper = new SessionKeeper(redis, vault, _cache, options, clock, logger);
        _toucher = new SessionToucher(vault, _cache, _keeper, _rules, logger);
        _reader = new SessionReader(vault, _cache, _keeper, _toucher, _rules, options, clock);
    }

    /// <summary>Begins a session, with a new secret: call it at every sign-in. The vault has it when this returns; Redis gets it when it is first used.</summary>
    /// <param name="session">Whose it is.</param>
    /// <param name="ct">Gives up; the session may have begun, but nobody knows its secret.</param>
    /// <exception cref="ArgumentException">No user, or too much in the fields.</exception>
    async public Task<SessionTicket> CreateAsync(NewSession session, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        var (secret, hash) = SessionHash.New();
        var begun = _rules.Begin(hash, session);
        using var activity = SessionTelemetry.Start("create");
        await _vault.AddAsync(begun, ct).ConfigureAwait(false);
        SessionTelemetry.Started();
        return new SessionTicket(secret, _rules.Living(begun, begun.CreatedAt)!);
    }

    /// <summary>
    /// The session that a secret opens, or null: there was never one, it has expired, was revoked or has a new secret. One round
    /// trip; more when Redis does not have it, and none but the vault's while Redis is away. Its use is noted in the background.
    /// </summary>
    /// <param name="secret">From the client; any text.</param>
    /// <param name="ct">Gives up.</param>
    async public Task<Session?> GetAsync(string? secret, CancellationToken ct = default)
    {
        using var activity = SessionTelemetry.Start("get");
        var (session, from) = SessionHash.TryOf(secret, out var hash)
            ? await _reader.GetAsync(hash, ct).ConfigureAwait(false)
            : (null, SessionTelemetry.FromNowhere);
        SessionTelemetry.Read(activity, from, session);
        return session;
    }

    /// <summary>Writes fields, first in the vault, then in Redis.</summary>
    /// <param name="secret">The session's secret.</param>
    /// <param name="changes">Which fields.</param>
    /// <param name="ct">Gives up; the fields may have been written.</param>
    /// <exception cref="ArgumentException">No field, or too much in the fields.</exception>
    async public Task<SessionWriteResult> WriteAsync(string secret, SessionChanges changes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Fields.Count == 0)
            throw new ArgumentException("A write names at least one field.", nameof(changes));
        _rules.Validate(changes);
        using var activity = SessionTelemetry.Start("write");
        var result = await WriteAsync().ConfigureAwait(false);
        SessionTelemetry.Wrote(activity, result.Status);
        return result;

        async Task<SessionWriteResult> WriteAsync()
        {
            var now = _rules.Now();
            if (!SessionHash.TryOf(secret, out var hash) || await _vault.WriteAsync(hash, changes, now, ct).ConfigureAwait(false) is not { } write)
                return new SessionWriteResult(SessionWriteStatus.Ended, null);
            if (write.Written)
                await _keeper.TellRedisAsync([hash], _ => _cache.UpdateAsync(write.Session)).ConfigureAwait(false);
            return _rules.Living(write.Session, now) is { } session
                ? new SessionWriteResult(write.Written ? SessionWriteStatus.Written : SessionWriteStatus.Conflict, session)
                : new SessionWriteResult(SessionWriteStatus.Ended, null);
        }
    }

    /// <summary>Gives the session a new secret and ends the old one: call it when the user's rights change. Id, times and fields stay.</summary>
    /// <param name="secret">The secret until now.</param>
    /// <param name="changes">Fields to write along with it; null for none. <see cref="SessionChanges.BasedOn"/> does not count.</param>
    /// <param name="ct">Gives up; the old secret may have ended.</param>
    /// <returns>The new secret; null when the session has ended, by another renewal for example.</returns>
    async public Task<SessionTicket?> RenewIdAsync(string secret, SessionChanges? changes = null, CancellationToken ct = default)
    {
        changes ??= SessionChanges.None;
        _rules.Validate(changes);
        if (!SessionHash.TryOf(secret, out var hash))
            return null;
        using var activity = SessionTelemetry.Start("renew");
        var now = _rules.Now();
        var (newSecret, newHash) = SessionHash.New();
        if (await _vault.ReplaceHashAsync(hash, newHash, changes, now, ct).ConfigureAwait(false) is not { } renewed)
            return null;
        await _keeper.TellRedisAsync([hash], _cache.EndAsync).ConfigureAwait(false);
        SessionTelemetry.Ended(1, "renewed");
        return _rules.Living(renewed, now) is { } session ? new SessionTicket(newSecret, session) : null;
    }

    /// <summary>The living sessions of a user, the last seen first, without their fields. Asks the vault.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="ct">Gives up.</param>
    async public Task<IReadOnlyList<Session>> ListAsync(string user, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        using var activity = SessionTelemetry.Start("list");
        var now = _rules.Now();
        var all = await _vault.ListAsync(user, now, ct).ConfigureAwait(false);
        return [.. all.Select(stored => _rules.Living(stored, now)).OfType<Session>()];
    }

    /// <summary>Ends the session that a secret opens: sign-out.</summary>
    /// <param name="secret">From the client; any text.</param>
    /// <param name="ct">Gives up; the session may have ended.</param>
    /// <returns>False when it had ended before.</returns>
    async public Task<bool> RevokeAsync(string? secret, CancellationToken ct = default)
    {
        return SessionHash.TryOf(secret, out var hash) && await RevokeAsync(SessionSelection.WithHash(hash), ct).ConfigureAwait(false) == 1;
    }

    /// <summary>Ends one session of a user.</summary>
    /// <param name="user">Whose. Another's session stays.</param>
    /// <param name="id">Its <see cref="Session.Id"/>.</param>
    /// <param name="ct">Gives up; the session may have ended.</param>
    /// <returns>False when the user has no such session (any more).</returns>
    async public Task<bool> RevokeAsync(string user, Guid id, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        return await RevokeAsync(SessionSelection.One(user, id), ct).ConfigureAwait(false) == 1;
    }

    /// <summary>Ends all sessions of a user but one: "sign out everywhere else".</summary>
    /// <param name="user">Whose.</param>
    /// <param name="keep">The <see cref="Session.Id"/> of the one that stays.</param>
    /// <param name="ct">Gives up; sessions may have ended.</param>
    /// <returns>How many ended.</returns>
    async public Task<int> RevokeOthersAsync(string user, Guid keep, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        return await RevokeAsync(SessionSelection.AllBut(user, keep), ct).ConfigureAwait(false);
    }

    /// <summary>Ends all sessions of a user: after a password was reset, or by an operator.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="ct">Gives up; sessions may have ended.</param>
    /// <returns>How many ended.</returns>
    async public Task<int> RevokeAllAsync(string user, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        return await RevokeAsync(SessionSelection.AllOf(user), ct).ConfigureAwait(false);
    }

    /// <summary>Notes the uses that are still to be noted, and ends the sweeps.</summary>
    public async ValueTask DisposeAsync()
    {
        await _toucher.DisposeAsync().ConfigureAwait(false);
        await _keeper.DisposeAsync().ConfigureAwait(false);
    }

    // A caller that gives up after the vault has committed must not keep Redis from hearing of it: no token from there on.
    private async Task<int> RevokeAsync(SessionSelection which, CancellationToken ct)
    {
        using var activity = SessionTelemetry.Start("revoke");
        var ended = await _vault.RevokeAsync(which, _rules.Now(), ct).ConfigureAwait(false);
        await _keeper.TellRedisAsync(ended, _cache.EndAsync).ConfigureAwait(false);
        SessionTelemetry.Ended(ended.Count, "revoked");
        return ended.Count;
    }
}
