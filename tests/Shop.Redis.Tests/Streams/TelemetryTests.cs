using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Redis.Streams;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Streams;

public sealed class TelemetryTests : IClassFixture<OwnRedis>, IDisposable
{
    private readonly OwnRedis _server;
    private readonly string _stream = $"s{Guid.CreateVersion7():N}";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentDictionary<string, double> _measured = new();
    private readonly ActivityListener _listener;
    private readonly MeterListener _meters = new();

    public TelemetryTests(OwnRedis server)
    {
        _server = server;
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "Shop.Redis.Streams" or "test",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Shop.Redis.Streams")
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.Start();
    }

    [Fact]
    public async Task The_span_of_a_delivery_continues_the_trace_in_the_entry()
    {
        await using var rig = new StreamRig(_server);
        using var source = new ActivitySource("test");
        var group = Start(rig, static (_, _) => Activity.Current is null ? throw new InvalidOperationException("no span") : default);

        await rig.Producer.AppendAsync(_stream, StreamRig.Message("theirs", traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), TestContext.Current.CancellationToken);
        using (source.StartActivity("request"))
            await rig.Producer.AppendAsync(_stream, StreamRig.Message("ours"), TestContext.Current.CancellationToken);
        await rig.Producer.AppendAsync(_stream, StreamRig.Message("nobody's"), TestContext.Current.CancellationToken);
        await rig.HandledAsync(3);
        await group.StopAsync();

        var spans = _spans.Where(span => span.OperationName == $"process {_stream}").ToArray();
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (spans[0].TraceId.ToHexString(), spans[0].ParentSpanId.ToHexString()));
        var publish = Assert.Single(_spans, span => span.OperationName == $"send {_stream}");
        Assert.Equal((publish.TraceId, publish.SpanId), (spans[1].TraceId, spans[1].ParentSpanId));
        Assert.Equal(default, spans[2].ParentSpanId);
        Assert.Equal(ActivityKind.Consumer, spans[0].Kind);
        Assert.Equal(ActivityKind.Producer, publish.Kind);
        Assert.Null(publish.GetTagItem("messaging.batch.message_count"));
        Assert.Equal("redis_streams", spans[0].GetTagItem("messaging.system"));
        Assert.Equal(_stream, spans[0].GetTagItem("messaging.destination.name"));
        Assert.Equal(StreamRig.Group, spans[0].GetTagItem("messaging.consumer.group.name"));
        Assert.Equal("process", spans[0].GetTagItem("messaging.operation.type"));
        Assert.Equal(rig.Handled.First().Message.Id.ToString(), spans[0].GetTagItem("messaging.message.id"));
    }

    [Fact]
    public async Task A_failed_delivery_is_an_error_in_the_trace_and_counted()
    {
        await using var rig = new StreamRig(_server);
        Start(rig, static (_, _) => throw new InvalidOperationException("no"));

        await rig.Producer.AppendAsync(_stream, StreamRig.Message("bad"), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(_measured.ContainsKey("shop.streams.dead_letters")), "a dead letter is counted");

        var failed = _spans.Where(span => span.OperationName == $"process {_stream}").ToArray();
        Assert.Equal(2, failed.Length);
        Assert.All(failed, static span => Assert.Equal((ActivityStatusCode.Error, (object?)"System.InvalidOperationException"), (span.Status, span.GetTagItem("error.type"))));
        Assert.Equal(1, _measured["shop.streams.dead_letters"]);
        Assert.Equal(1, _measured["shop.streams.redeliveries"]);
        await HeldAsync(1);
        Assert.True(_measured.ContainsKey("messaging.process.duration"));
    }

    [Fact]
    public async Task Dead_letters_from_before_the_process_began_are_measured()
    {
        await using var rig = new StreamRig(_server);
        var before = Start(rig, static (_, _) => throw new DeadLetterException("no"));
        await rig.Producer.AppendAsync(_stream, StreamRig.Message("bad"), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(_measured.ContainsKey("shop.streams.dead_letters")), "a dead letter");
        await before.StopAsync();
        _measured.Clear();

        Start(rig, static (_, _) => default);

        await HeldAsync(1);
        Assert.DoesNotContain("shop.streams.dead_letters", _measured.Keys);
    }

    [Fact]
    public async Task Lag_pending_and_the_age_of_the_oldest_pending_are_measured()
    {
        await using var rig = new StreamRig(_server);
        var gate = new TaskCompletionSource();
        await rig.Producer.AppendAsync(_stream, [.. StreamRig.Numbers(0, 10).Select(static n => StreamRig.Message(n))], TestContext.Current.CancellationToken);
        Start(rig, async (_, _) => await gate.Task, capacity: 4);

        await Eventually.TrueAsync(
            () =>
            {
                _meters.RecordObservableInstruments();
                return Task.FromResult(
                    _measured.GetValueOrDefault("shop.streams.pending") == 4 && _measured.GetValueOrDefault("shop.streams.lag") == 6 && _measured.GetValueOrDefault("shop.streams.oldest_pending_age") > 0);
            },
            "4 pending, 6 lag, and an age");
        gate.SetResult();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    private Task HeldAsync(int letters) => Eventually.TrueAsync(
        () =>
        {
            _meters.RecordObservableInstruments();
            return Task.FromResult(_measured.GetValueOrDefault("shop.streams.dead_letters_held") == letters);
        },
        $"{letters} on the dead-letter stream");

    private RunningConsumer Start(StreamRig rig, StreamHandler handler, int capacity = 1024) => rig.Start(handler, new StreamConsumerGroupOptions
    {
        Stream = _stream,
        Group = StreamRig.Group,
        Lanes = 1,
        Capacity = capacity,
        MaxDeliveries = 2,
        RetryBackoff = TimeSpan.Zero,
        JanitorInterval = TimeSpan.FromMilliseconds(20),
    });

    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == "messaging.destination.name" && tag.Value is string stream && stream == _stream)
                _measured[instrument.Name] = value;
        }
    }
}
