using Shop.Benchmarks.Harness;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

/// <summary>A side with a connection to Redis of its own.</summary>
internal abstract class RedisSide(string name, bool ours) : Side
{
    public override string Name => name;

    public override bool Ours => ours;

    protected ConnectionMultiplexer Redis { get; private set; } = null!;

    protected IDatabase Database => Redis.GetDatabase();

    /// <summary>What its keys begin with: sides share the server, and no keys.</summary>
    protected string Prefix => $"{name}:";

    public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken) => Redis = await servers.ConnectAsync(cancellationToken);

    public override ValueTask DisposeAsync() => Redis?.DisposeAsync() ?? default;
}

/// <summary>A side of one line: so many callers, each making the same call again and again.</summary>
internal sealed class CallSide(string name, bool ours, int callers, Func<ConnectionMultiplexer, string, Func<int, Task>> call, int operationsPerCall = 1) : RedisSide(name, ours)
{
    private Func<int, Task>? _call;

    public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(callers, _call ??= call(Redis, Prefix), operationsPerCall);
}
