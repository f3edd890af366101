using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Redis.Live;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Live;

/// <summary>What the block counts. The meter is the process's, so nothing else runs meanwhile, and the numbers are exact.</summary>
[Collection(nameof(LiveTelemetryTests))]
[CollectionDefinition(nameof(LiveTelemetryTests), DisableParallelization = true)]
public sealed class LiveTelemetryTests : IClassFixture<OwnRedis>, IDisposable
{
    private const string Log = "feed:alice";

    private readonly OwnRedis _server;
    private readonly string _prefix = RedisFixture.NewPrefix();
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly MeterListener _meters;

    public LiveTelemetryTests(OwnRedis server)
    {
        _server = server;
        _meters = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name == "Shop.Redis.Live")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _counts.AddOrUpdate(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(static tag => $"{tag.Value}")]), value, (_, sum) => sum + value));
        _meters.Start();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Appends_deliveries_and_readers_are_counted()
    {
        var ledger = new Ledger();
        var log = new LiveLog<Note>(_server.Connection, _prefix, LiveBench.Options(), ledger);
        ledger.Commit(); // never appended
        await AppendAsync(log, ledger); // so the stream begins with 2, and 1 comes from the history

        await using (var first = new Listener(log, Log))
        {
            await first.HasAllUntilAsync(2);
            await using var second = new Listener(log, Log, LiveCursor.From(2));
            await CountsAsync("shop.live.readers", 2);
            await CountsAsync("shop.live.subscriptions", 1);
            await Eventually.TrueAsync(() => Task.FromResult(ledger.Reads == 2), "both readers at the end of what there is");
            await AppendAsync(log, ledger);
            await first.HasAllUntilAsync(3);
            await second.HasAllUntilAsync(3);
        }

        Assert.Equal(2, Count("shop.live.appended durable"));
        Assert.Equal(4, _counts.Where(static count => count.Key.StartsWith("shop.live.delivered durable ", StringComparison.Ordinal)).Sum(static count => count.Value));
        Assert.Equal(2, Count("shop.live.delivered durable history"));
        await CountsAsync("shop.live.readers", 0);
        await CountsAsync("shop.live.subscriptions", 0);
    }

    [Fact]
    public async Task A_momentary_append_is_counted_as_one()
    {
        var log = new LiveLog<Note>(_server.Connection, _prefix, LiveBench.Options());

        await log.AppendAsync(Log, new Note(1, "hello"), Ct);
        Assert.Equal(1, (await log.ReadAsync(Log, LiveCursor.Start, Ct).FirstAsync(Ct)).Value.Number);

        Assert.Equal((1, 1), (Count("shop.live.appended momentary"), Count("shop.live.delivered momentary stream")));
    }

    [Fact]
    public async Task A_refill_is_counted_with_its_reason()
    {
        var ledger = new Ledger();
        var log = new LiveLog<Note>(_server.Connection, _prefix, LiveBench.Options(buffer: 4), ledger);
        var gate = new TaskCompletionSource();
        await AppendAsync(log, ledger);
        await using var slow = new Listener(log, Log, slow: item => item.Cursor.Sequence == 2 ? gate.Task : Task.CompletedTask);
        await Eventually.TrueAsync(() => Task.FromResult(ledger.Reads == 1), "the reader at the end of what there is");
        await AppendAsync(log, ledger);
        await slow.HasAllUntilAsync(2);

        for (var i = 0; i < 20; i++)
            await AppendAsync(log, ledger);
        await using (var fast = new Listener(log, Log, LiveCursor.From(2)))
            await fast.HasAllUntilAsync(22); // all are pushed: the slow reader has the same subscription
        gate.SetResult();
        await slow.HasAllUntilAsync(22);
        Assert.Equal((1, 0), (Count("shop.live.refills durable overflow"), Count("shop.live.refills durable hole")));

        ledger.Commit(); // its append is lost
        await AppendAsync(log, ledger);
        await slow.HasAllUntilAsync(24);
        Assert.Equal(1, Count("shop.live.refills durable hole"));
    }

    [Fact]
    public async Task Presence_is_counted_and_belongs_to_the_trace_of_who_asked()
    {
        using var source = new ActivitySource($"test {_prefix}");
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate == source || candidate.Name == "Shop.Redis.Live",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var presence = new Presence(_server.Connection, _prefix, new PresenceOptions { TimeToLive = TimeSpan.FromMilliseconds(900) });

        ActivityTraceId trace;
        using (var request = source.StartActivity("request")!)
        {
            trace = request.TraceId;
            await using (await presence.EnterAsync("lobby", "ann", Ct))
            {
                Assert.Equal(1, Count("shop.live.presence.connections"));
                await using (var watch = new PresenceWatcher(presence, "lobby"))
                {
                    await watch.SeesAsync("ann");
                    Assert.Equal(1, Count("shop.live.presence.watches"));
                }

                Assert.Equal(0, Count("shop.live.presence.watches"));
                await Eventually.TrueAsync(() => Task.FromResult(Count("shop.live.presence.calls renew unchanged") > 0), "a renewal");
                await presence.ShowAsync("lobby", "bob", Ct);
                await presence.HideAsync("lobby", "bob", Ct);
                Assert.Equal(["ann"], await presence.WhoAsync("lobby", Ct));
            }
        }

        Assert.Equal(0, Count("shop.live.presence.connections"));
        foreach (var once in (string[])["enter changed", "show changed", "hide changed", "leave changed"])
            Assert.Equal((once, 1), (once, Count($"shop.live.presence.calls {once}")));
        Assert.True(Count("shop.live.presence.calls who read") > 1, "The watcher's looks count too.");
        var ours = spans.Where(span => span.TraceId == trace && span.Source.Name == "Shop.Redis.Live").ToArray();
        Assert.Equal(["presence enter", "presence show", "presence hide", "presence who", "presence leave"], ours.Select(static span => span.OperationName));
        Assert.All(ours, static span => Assert.Equal((ActivityKind.Client, "redis"), (span.Kind, span.GetTagItem("db.system.name"))));
        Assert.Equal(["changed", "changed", "changed", "read", "changed"], ours.Select(static span => span.GetTagItem("shop.live.outcome")));
    }

    [Fact]
    public async Task What_presence_could_not_do_is_counted_as_failed()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(server);
        var presence = new Presence(connection, _prefix);
        await server.StopAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => presence.EnterAsync("lobby", "ann", Ct));
        await Assert.ThrowsAnyAsync<Exception>(() => presence.WhoAsync("lobby", Ct));

        Assert.Equal((1, 1, 0), (Count("shop.live.presence.calls enter failed"), Count("shop.live.presence.calls who failed"), Count("shop.live.presence.connections")));
    }

    private static async Task AppendAsync(LiveLog<Note> log, Ledger ledger)
    {
        var note = ledger.Commit();
        await log.AppendAsync(Log, note.Number, note, Ct);
    }

    private long Count(string name) => _counts.GetValueOrDefault(name);

    private Task CountsAsync(string name, long value) => Eventually.TrueAsync(() => Task.FromResult(Count(name) == value), $"{value} {name}");
}
