using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public sealed class JobTelemetryTests : IClassFixture<OwnRedis>, IDisposable
{
    private readonly OwnRedis _server;
    private readonly string _queue = $"q{Guid.CreateVersion7():N}";
    private readonly JobType<Work> _type;
    private readonly string _prefix = RedisFixture.NewPrefix();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentDictionary<string, double> _measured = new();
    private readonly ActivityListener _listener;
    private readonly MeterListener _meters = new();

    public JobTelemetryTests(OwnRedis server)
    {
        _server = server;
        _type = new JobType<Work>("work", _queue, WorkJson.Default.Work) { MaxAttempts = 1 };
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "Shop.Redis.Jobs" or "test",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Shop.Redis.Jobs")
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.Start();
    }

    [Fact]
    public async Task An_attempt_s_span_continues_the_trace_in_which_its_job_was_enqueued()
    {
        var jobs = new JobQueues(_server.Connection, _prefix);
        using var source = new ActivitySource("test");
        using (source.StartActivity("request"))
            await jobs.EnqueueAsync(_type, new Work("ours"), ct: TestContext.Current.CancellationToken);
        await jobs.EnqueueAsync([_type.Request(new Work("theirs")) with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }], TestContext.Current.CancellationToken);

        await using (Start(static (work, _, _) => work.Text == "theirs" ? throw new InvalidOperationException("no") : ValueTask.FromResult(JobOutcome.Done())))
            await Eventually.TrueAsync(() => Task.FromResult(Processed().Length == 2), "two attempts");

        var publish = Assert.Single(_spans, span => span.OperationName == $"enqueue {_queue}");
        var ours = Assert.Single(Processed(), span => span.TraceId == publish.TraceId);
        var theirs = Assert.Single(Processed(), span => span != ours);
        Assert.Equal((ActivityKind.Producer, ActivityKind.Consumer), (publish.Kind, ours.Kind));
        Assert.Equal(publish.SpanId, ours.ParentSpanId);
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (theirs.TraceId.ToHexString(), theirs.ParentSpanId.ToHexString()));
        Assert.Equal((ActivityStatusCode.Error, (object?)"System.InvalidOperationException"), (theirs.Status, theirs.GetTagItem("error.type")));
        Assert.Equal<object?>(["redis_jobs", _queue, "work", 1], [ours.GetTagItem("messaging.system"), ours.GetTagItem("messaging.destination.name"), ours.GetTagItem("shop.message.type"), ours.GetTagItem("shop.job.attempt")]);

        Assert.Null(publish.GetTagItem("messaging.batch.message_count"));

        Activity[] Processed() => [.. _spans.Where(span => span.OperationName == $"process {_queue}")];
    }

    [Fact]
    public async Task A_batch_is_one_span_that_says_how_many()
    {
        using var source = new ActivitySource("test");
        using (source.StartActivity("request"))
            await new JobQueues(_server.Connection, _prefix).EnqueueAsync([_type.Request(new Work("one")), _type.Request(new Work("two"))], TestContext.Current.CancellationToken);

        var publish = Assert.Single(_spans, span => span.OperationName == $"enqueue {_queue}");
        Assert.Equal(2, publish.GetTagItem("messaging.batch.message_count"));
    }

    [Fact]
    public async Task The_queue_is_measured()
    {
        var jobs = new JobQueues(_server.Connection, _prefix);
        var release = new TaskCompletionSource();
        await using var worker = Start(async (work, _, _) =>
        {
            if (work.Text == "bad")
                throw new InvalidOperationException("no");
            await release.Task;
            return JobOutcome.Done();
        });
        await jobs.EnqueueAsync([_type.Request(new Work("bad")), .. Enumerable.Range(0, 3).Select(_ => _type.Request(new Work("slow")))], TestContext.Current.CancellationToken);
        await jobs.EnqueueAsync(_type, new Work("later"), new JobOptions { Delay = TimeSpan.FromHours(1) }, TestContext.Current.CancellationToken);

        await GaugeAsync("shop.jobs.count running", 1);
        await GaugeAsync("shop.jobs.count queued", 2);
        await GaugeAsync("shop.jobs.count scheduled", 1);
        await GaugeAsync("shop.jobs.count dead", 1);
        await Eventually.TrueAsync(() => Task.FromResult(Value("shop.jobs.oldest_age") > 0), "the oldest has an age");
        release.SetResult();
        await Eventually.TrueAsync(() => Task.FromResult(Value("shop.jobs.ended succeeded") == 3), "three have succeeded");

        Assert.Equal((5, 1), (Value("shop.jobs.enqueued"), Value("shop.jobs.ended dead")));
        Assert.Equal((4, 4), (Value("messaging.process.duration count"), Value("shop.jobs.wait count")));

        Task GaugeAsync(string name, double value) => Eventually.TrueAsync(() => Task.FromResult(Value(name) == value), $"{name} is {value}");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    private RunningWorker Start(JobHandler<Work> handler) => new(new JobWorker(
        _server.Connection, _prefix, new JobWorkerOptions { Queue = _queue, Concurrency = 1, JanitorInterval = TimeSpan.FromMilliseconds(50) }, new JobHandlers().Handle(_type, handler)));

    private double Value(string name)
    {
        _meters.RecordObservableInstruments();
        return _measured.GetValueOrDefault(name, -1);
    }

    /// <summary>Counters add up, gauges show the last value, histograms count; by state or end where there is one.</summary>
    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (ours, detail) = (false, "");
        foreach (var tag in tags)
        {
            ours |= tag.Key == "messaging.destination.name" && (string?)tag.Value == _queue;
            if (tag.Key is "shop.job.state" or "shop.job.end")
                detail = $" {tag.Value}";
        }

        if (!ours)
            return;
        if (instrument is Counter<long>)
            _measured.AddOrUpdate(instrument.Name + detail, value, (_, sum) => sum + value);
        else if (instrument is Histogram<double>)
            _measured.AddOrUpdate($"{instrument.Name} count", 1, static (_, count) => count + 1);
        else
            _measured[instrument.Name + detail] = value;
    }
}
