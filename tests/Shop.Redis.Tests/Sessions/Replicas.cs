using Shop.Redis.Sessions;
using Shop.Redis.Tests.Locks;
using Shop.Testing;
using StackExchange.Redis;

namespace Shop.Redis.Tests.Sessions;

/// <summary>Several processes on one Redis and one vault: each has a connection, a gate before the vault, and sessions of its own.</summary>
internal sealed class Replicas(PostgresVault vault, SessionOptions? options = null, TimeProvider? clock = null) : IAsyncDisposable
{
    private readonly List<Replica> _all = [];

    public string Prefix { get; } = RedisFixture.NewPrefix();

    /// <summary>Patient, so that a busy machine sends nobody to the vault; a test of outages brings its own.</summary>
    public static SessionOptions Patient => new() { Patience = TimeSpan.FromSeconds(60) };

    public Replica Start(IConnectionMultiplexer connection)
    {
        var gated = new GatedVault(vault);
        var logger = new ListLogger<RedisSessions>();
        var replica = new Replica(new RedisSessions(connection, Prefix, gated, options ?? Patient, clock, logger), gated, logger);
        _all.Add(replica);
        return replica;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _all)
            await replica.Sessions.DisposeAsync();
        await vault.DisposeAsync();
    }
}

internal sealed record Replica(RedisSessions Sessions, GatedVault Vault, ListLogger<RedisSessions> Log)
{
    public bool HasLogged(string text) => Log.Lines.Any(line => line.Text.Contains(text, StringComparison.Ordinal));

    public Task HasLoggedAsync(string text) => Eventually.TrueAsync(() => Task.FromResult(HasLogged(text)), $"the log line '{text}'");
}
