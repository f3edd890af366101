using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Shop.SystemTests;

/// <summary>A browser that has a room open: reads its events in the background, on as many connections as it takes, and keeps them.</summary>
internal sealed class ChatListener : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly ConcurrentQueue<(string Id, string Name, JsonElement Data)> _events = [];
    private readonly Task _reading;

    public ChatListener(Shopper shopper, string room, long? after = null, string? lastEventId = null) =>
        _reading = Task.Run(() => ListenAsync(shopper, $"/api/chat/rooms/{room}/live{(after is null ? "" : $"?after={after}")}", lastEventId));

    /// <summary>The messages and removals that came, in order: their sequences and what they say.</summary>
    public IReadOnlyList<(long Sequence, string Said)> Log => [.. _events.Where(static e => e.Name is "message" or "removed").Select(static e => (
        long.Parse(e.Id, System.Globalization.CultureInfo.InvariantCulture),
        e.Name == "removed" ? $"removed {e.Data.GetProperty("sequence")}" : e.Data.GetProperty("text").GetString() ?? "(removed)"))];

    public IReadOnlyList<string> Texts => [.. Log.Select(static item => item.Said)];

    /// <summary>The id of the last event that had one.</summary>
    public string LastEventId => _events.Last(static e => e.Name is "message" or "removed").Id;

    /// <summary>Waits until as much was said and removed.</summary>
    public Task HearsAsync(int count) => UntilAsync(() => Log.Count >= count, $"{count} messages at a listener");

    /// <summary>Waits until something was said.</summary>
    public Task HearsAsync(string said) => UntilAsync(() => Texts.Contains(said), $"'{said}' at a listener who heard {string.Join(", ", Texts.TakeLast(5))}");

    /// <summary>Waits until the newest <c>presence</c> or <c>typing</c> event names exactly these people among those who matter here.</summary>
    public Task SeesAsync(string name, IReadOnlyList<Shopper> among, params Shopper[] expected) => UntilAsync(
        () => _events.LastOrDefault(e => e.Name == name) is { Data.ValueKind: JsonValueKind.Object } last
            && among.Select(static shopper => shopper.Customer).Intersect(NamesOf(last.Data))
                .Order().SequenceEqual(expected.Select(static shopper => shopper.Customer).Order()),
        $"the {name} of {expected.Length} people");

    /// <summary>Waits until an event of this name has named somebody, if only for a moment.</summary>
    public Task SawAsync(string name, Shopper somebody) => UntilAsync(() => _events.Any(e => e.Name == name && NamesOf(e.Data).Contains(somebody.Customer)), $"a {name} event that names somebody");

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // how it ended is for the test to look at
        _leaving.Dispose();
    }

    private static IEnumerable<string> NamesOf(JsonElement people) => people.GetProperty("users").EnumerateArray().Select(static user => user.GetProperty("name").GetString()!);

    /// <summary>When the connection breaks, or the room cannot be opened just now, it comes back with the last id that it saw.</summary>
    private async Task ListenAsync(Shopper shopper, string path, string? lastEventId)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        do
        {
            try
            {
                await foreach (var next in shopper.ListenAsync(path, lastEventId, _leaving.Token))
                {
                    _events.Enqueue(next);
                    lastEventId = next.Id.Length > 0 ? next.Id : lastEventId;
                }
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException { StatusCode: null or HttpStatusCode.ServiceUnavailable })
            {
                // and again
            }
        }
        while (await pause.WaitForNextTickAsync(_leaving.Token));
    }

    private async Task UntilAsync(Func<bool> holds, string what)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_reading.IsCompleted || holds()), what, ChatShopper.Patience);
        if (!holds())
            await _reading; // with its exception
    }
}
