using System.Collections.Concurrent;
using System.Diagnostics;
using Shop.Redis.Live;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Live;

public sealed class LiveTraceTests(OwnRedis server) : IClassFixture<OwnRedis>
{
    private readonly string _prefix = RedisFixture.NewPrefix();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_trace_covers_the_append_and_every_delivery(bool traceDeliveries)
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
        var options = new LiveLogOptions<Note> { Json = NoteJson.Default.Note, TraceDeliveries = traceDeliveries };
        var log = new LiveLog<Note>(server.Connection, _prefix, options, new Ledger());

        ActivityTraceId trace;
        using (var request = source.StartActivity("request")!)
        {
            trace = request.TraceId;
            await log.AppendAsync("order:1", 1, new Note(1, "placed"), Ct);
        }

        await using var reader = new Listener(log, "order:1");
        await reader.HasAllUntilAsync(1);
        using (var request = source.StartActivity(ActivityKind.Server, new ActivityContext(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded), name: "second request")!)
            await log.AppendAsync("order:1", 2, new Note(2, "paid"), Ct);
        await reader.HasAllUntilAsync(2);

        Assert.All(reader.Items, item => Assert.Equal(trace, ActivityContext.Parse(item.TraceParent!, null).TraceId));
        var ours = spans.Where(span => span.TraceId == trace && span.Source.Name == "Shop.Redis.Live").ToArray();
        var appends = ours.Where(static span => span.OperationName == "send live").ToArray();
        Assert.Equal(2, appends.Length);
        var deliveries = ours.Where(static span => span.OperationName == "receive live").ToArray();
        if (!traceDeliveries)
        {
            Assert.Empty(deliveries);
            return;
        }

        Assert.Equal(appends.Select(static span => span.SpanId), deliveries.Select(static span => span.ParentSpanId));
        Assert.All(deliveries, static span =>
        {
            Assert.Equal(ActivityKind.Consumer, span.Kind);
            Assert.Equal("durable", span.GetTagItem("shop.live.kind"));
        });
    }
}
