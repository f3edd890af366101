using System.Collections.Concurrent;
using Shop.Redis.Sessions;

namespace Shop.Redis.Tests.Sessions;

/// <summary>A vault whose calls a test counts, holds up before or after they were carried out, or fails.</summary>
internal sealed class GatedVault(PostgresVault vault) : ISessionVault
{
    private readonly ConcurrentDictionary<string, int> _calls = new();

    public PostgresVault Inner => vault;

    /// <summary>Holds up FindAsync once it has read.</summary>
    public Gate? AfterFind { get; set; }

    /// <summary>Holds up WriteAsync once it has committed.</summary>
    public Gate? AfterWrite { get; set; }

    /// <summary>Holds up TouchAsync before it writes.</summary>
    public Gate? BeforeTouch { get; set; }

    /// <summary>Holds up RevokeAsync once it has committed; closed for ever, it is the process that dies there.</summary>
    public Gate? AfterRevoke { get; set; }

    public bool Broken { get; set; }

    public int Finds => Calls(nameof(FindAsync));

    public int Touches => Calls(nameof(TouchAsync));

    public int Sweeps => Calls(nameof(ListChangedAsync));

    public int Purges => Calls(nameof(PurgeAsync));

    public Task AddAsync(StoredSession session, CancellationToken ct) => RunAsync(nameof(AddAsync), () => Done(vault.AddAsync(session, ct)));

    public Task<StoredSession?> FindAsync(SessionHash hash, CancellationToken ct) => RunAsync(nameof(FindAsync), () => vault.FindAsync(hash, ct), after: AfterFind);

    public Task<StoredWrite?> WriteAsync(SessionHash hash, SessionChanges changes, DateTimeOffset at, CancellationToken ct) =>
        RunAsync(nameof(WriteAsync), () => vault.WriteAsync(hash, changes, at, ct), after: AfterWrite);

    public Task<StoredSession?> ReplaceHashAsync(SessionHash hash, SessionHash replacement, SessionChanges changes, DateTimeOffset at, CancellationToken ct) =>
        RunAsync(nameof(ReplaceHashAsync), () => vault.ReplaceHashAsync(hash, replacement, changes, at, ct));

    public Task<IReadOnlyList<SessionHash>> TouchAsync(IReadOnlyList<SessionTouch> touches, CancellationToken ct) =>
        RunAsync(nameof(TouchAsync), () => vault.TouchAsync(touches, ct), before: BeforeTouch);

    public Task<IReadOnlyList<StoredSession>> ListAsync(string user, DateTimeOffset now, CancellationToken ct) => RunAsync(nameof(ListAsync), () => vault.ListAsync(user, now, ct));

    public Task<IReadOnlyList<SessionHash>> RevokeAsync(SessionSelection which, DateTimeOffset at, CancellationToken ct) =>
        RunAsync(nameof(RevokeAsync), () => vault.RevokeAsync(which, at, ct), after: AfterRevoke);

    public Task<IReadOnlyList<SessionChange>> ListChangedAsync(DateTimeOffset since, CancellationToken ct) => RunAsync(nameof(ListChangedAsync), () => vault.ListChangedAsync(since, ct));

    public Task<int> PurgeAsync(DateTimeOffset before, int limit, CancellationToken ct) => RunAsync(nameof(PurgeAsync), () => vault.PurgeAsync(before, limit, ct));

    private int Calls(string name) => _calls.GetValueOrDefault(name);

    private async Task<T> RunAsync<T>(string name, Func<Task<T>> call, Gate? before = null, Gate? after = null)
    {
        if (Broken)
            throw new InvalidOperationException("the vault is broken");
        if (before is not null)
            await before.PassAsync();
        var result = await call();
        // Counted when it has read: a test that waits for the count knows what it has read.
        _calls.AddOrUpdate(name, 1, static (_, calls) => calls + 1);
        if (after is not null)
            await after.PassAsync();
        return result;
    }

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }
}
