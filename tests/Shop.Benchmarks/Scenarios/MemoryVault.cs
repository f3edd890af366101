using System.Collections.Concurrent;
using Shop.Redis.Sessions;

namespace Shop.Benchmarks.Scenarios;

/// <summary>The durable side of sessions, in memory: reads that Redis answers never get here, and those are what is measured.</summary>
internal sealed class MemoryVault : ISessionVault
{
    private readonly ConcurrentDictionary<SessionHash, StoredSession> _sessions = new();

    public Task AddAsync(StoredSession session, CancellationToken ct)
    {
        _sessions[session.Hash] = session;
        return Task.CompletedTask;
    }

    public Task<StoredSession?> FindAsync(SessionHash hash, CancellationToken ct) => Task.FromResult(_sessions.GetValueOrDefault(hash));

    public Task<IReadOnlyList<SessionHash>> TouchAsync(IReadOnlyList<SessionTouch> touches, CancellationToken ct) => Task.FromResult<IReadOnlyList<SessionHash>>([]);

    public Task<IReadOnlyList<SessionChange>> ListChangedAsync(DateTimeOffset since, CancellationToken ct) => Task.FromResult<IReadOnlyList<SessionChange>>([]);

    public Task<int> PurgeAsync(DateTimeOffset before, int limit, CancellationToken ct) => Task.FromResult(0);

    public Task<StoredWrite?> WriteAsync(SessionHash hash, SessionChanges changes, DateTimeOffset at, CancellationToken ct) => throw new NotSupportedException("Nothing is written in a session check.");

    public Task<StoredSession?> ReplaceHashAsync(SessionHash hash, SessionHash replacement, SessionChanges changes, DateTimeOffset at, CancellationToken ct) => throw new NotSupportedException("No id is renewed in a session check.");

    public Task<IReadOnlyList<StoredSession>> ListAsync(string user, DateTimeOffset now, CancellationToken ct) => throw new NotSupportedException("Nothing is listed in a session check.");

    public Task<IReadOnlyList<SessionHash>> RevokeAsync(SessionSelection which, DateTimeOffset at, CancellationToken ct) => throw new NotSupportedException("Nobody is signed out in a session check.");
}
