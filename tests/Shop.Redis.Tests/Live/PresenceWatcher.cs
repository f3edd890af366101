using System.Collections.Concurrent;
using Shop.Redis.Live;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Live;

/// <summary>Watches a room in the background and keeps what it saw.</summary>
internal sealed class PresenceWatcher : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<IReadOnlyList<string>> _seen = [];
    private readonly Task _watching;

    public PresenceWatcher(Presence presence, string room) => _watching = Task.Run(async () =>
    {
        await foreach (var users in presence.WatchAsync(room, _stop.Token))
            _seen.Enqueue(users);
    });

    public Task SeesAsync(params string[] users) => Eventually.TrueAsync(
        () => Task.FromResult(_seen.LastOrDefault() is { } last && last.SequenceEqual(users)), $"[{string.Join(", ", users)}] seen; [{string.Join(", ", _seen.LastOrDefault() ?? [])}] was");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watching);
        _stop.Dispose();
    }
}
