using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Redis.RateLimiting;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

public sealed class RateLimitTelemetryTests : IDisposable
{
    private readonly string _policy = $"p{Guid.CreateVersion7():N}";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<(string Instrument, double Value, string Tags)> _measured = new();
    private readonly ActivityListener _listener;
    private readonly MeterListener _meters = new();

    public RateLimitTelemetryTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Shop.Redis.RateLimiting",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Shop.Redis.RateLimiting")
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.Start();
    }

    [Fact]
    public async Task Decisions_rejections_latency_and_the_fallback_are_measured_and_traced()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var limits = Limits.Of(redis, "shop:");
        var limiter = limits.For(new FixedWindow(_policy, 1, Limits.Hour), "ada");
        await limiter.ExactlyAsync();
        await limiter.ExactlyAsync();
        await redis.GetServers()[0].ConfigSetAsync("maxmemory", "1");
        await limiter.DecideAsync();
        await redis.GetServers()[0].ConfigSetAsync("maxmemory", "0");

        Assert.Equal(
            [$"{_policy} granted redis", $"{_policy} rejected redis", $"{_policy} rejected denied"],
            _measured.Where(static one => one.Instrument == "shop.limits.decisions").Select(static one => one.Tags).Where(tags => tags.StartsWith(_policy, StringComparison.Ordinal)));
        Assert.Equal(2, _measured.Count(one => one.Instrument == "shop.limits.rejections" && one.Tags == _policy));
        Assert.Contains(_measured, static one => one is { Instrument: "shop.limits.duration", Value: > 0, Tags: "redis" });
        Assert.Contains(_measured, static one => one is { Instrument: "shop.limits.fallback", Value: 1 });

        var spans = _spans.Where(span => (string?)span.GetTagItem("shop.limit.policy") == _policy).ToArray();
        Assert.All(spans, static span => Assert.Equal(("limit decide", ActivityKind.Client, "redis", "limit decide"), (span.OperationName, span.Kind, span.GetTagItem("db.system.name"), span.GetTagItem("db.operation.name"))));
        Assert.Equal(["granted", "rejected", "rejected"], spans.Select(static span => span.GetTagItem("shop.limit.outcome")));
        Assert.Equal((ActivityStatusCode.Error, "denied"), (spans[2].Status, spans[2].GetTagItem("shop.limit.source")));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = "";
        foreach (var tag in tags)
            text += $" {tag.Value}";
        _measured.Enqueue((instrument.Name, value, text.TrimStart()));
    }
}
