using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Redis.Caching;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Caching;

public sealed class CacheTelemetryTests(OwnRedis server) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task A_load_belongs_to_the_trace_of_who_asked_and_everything_is_counted()
    {
        using var source = new ActivitySource("test caching");
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate == source || candidate.Name == "Shop.Redis.Caching",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var counts = new ConcurrentDictionary<string, double>();
        void Count(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            counts.AddOrUpdate(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(static tag => $"{tag.Value}")]), value, (_, sum) => sum + value);
        using var meters = new MeterListener { InstrumentPublished = static (instrument, self) => Enable(instrument, self) };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Count(instrument, value, tags));
        meters.Start();
        await using var rig = new CacheRig();
        var (here, there) = (rig.Start(server.Connection), rig.Start(server.Connection));
        using var cancellable = new CancellationTokenSource(); // as a request's: the framework then loads on a thread of its own
        var thing = new Source();

        using (var request = source.StartActivity("request")!)
        {
            await here.Cache.GetOrCreateAsync("answer", ct => InTraceAsync(request, ct), cancellationToken: cancellable.Token);
            await there.Cache.GetOrCreateAsync("answer", thing.LoadAsync, cancellationToken: cancellable.Token);
            await here.Cache.RemoveAsync("answer", cancellable.Token);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await here.Cache.GetOrCreateAsync<int>("broken", static _ => throw new InvalidOperationException("no"), cancellationToken: cancellable.Token));
        }

        var trace = Assert.Single(spans, static span => span.OperationName == "request").TraceId;
        var ours = spans.Where(span => span.TraceId == trace && span.Source.Name == "Shop.Redis.Caching").ToArray();
        Assert.Equal(["cache load", "cache invalidate", "cache load"], ours.Select(static span => span.OperationName));
        Assert.Equal(("answer", "loaded"), (ours[0].GetTagItem("shop.cache.key"), ours[0].GetTagItem("shop.cache.outcome")));
        Assert.Equal(("redis", "cache invalidate"), (ours[1].GetTagItem("db.system.name"), ours[1].GetTagItem("db.operation.name")));
        Assert.Equal((ActivityStatusCode.Error, "failed"), (ours[2].Status, ours[2].GetTagItem("shop.cache.outcome")));
        await Eventually.TrueAsync(() => Task.FromResult(counts.ContainsKey("shop.cache.drops")), "an invalidation to be heard");
        foreach (var counted in (string[])["shop.cache.reads False", "shop.cache.fetches hit", "shop.cache.fetches miss", "shop.cache.load loaded", "shop.cache.load failed", "shop.cache.invalidations"])
            Assert.True(counts.GetValueOrDefault(counted) > 0, $"{counted} is not among {string.Join(", ", counts.Keys)}");
    }

    [Theory]
    [InlineData(0, 1, "Expiration is 00:00:00")]
    [InlineData(10, 11, "LocalExpiration is 00:00:11")]
    public void Options_that_do_not_fit_are_refused_with_their_values(int seconds, int localSeconds, string says)
    {
        var options = new CacheOptions { Expiration = TimeSpan.FromSeconds(seconds), LocalExpiration = TimeSpan.FromSeconds(localSeconds) };

        var refused = Assert.Throws<ArgumentException>(() => new RedisHybridCache(server.Connection, "p:", options));

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    private static ValueTask<int> InTraceAsync(Activity request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Assert.Equal(request.TraceId, Activity.Current?.TraceId);
        return ValueTask.FromResult(1);
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == "Shop.Redis.Caching")
            listener.EnableMeasurementEvents(instrument);
    }
}
