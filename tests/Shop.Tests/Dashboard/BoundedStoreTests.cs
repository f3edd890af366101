using Microsoft.Extensions.Logging;
using Shop.Dashboard.Otlp;
using Shop.Dashboard.Telemetry;
using Xunit;
using static Shop.Tests.Dashboard.Spans;

namespace Shop.Tests.Dashboard;

public sealed class BoundedStoreTests
{
    [Fact]
    public void At_the_cap_the_oldest_log_records_leave()
    {
        var store = new LogStore(capacity: 3);
        store.Add([.. Enumerable.Range(1, 5).Select(i => Log($"m{i}", i))]);

        Assert.Equal(["m5", "m4", "m3"], store.List(new LogFilter()).Select(record => record.Message));
    }

    [Fact]
    public void Log_records_are_found_by_text_resource_level_and_trace()
    {
        var store = new LogStore();
        store.Add([Log("placed", 1), Log("slow", 2, LogLevel.Warning), Log("failed", 3, LogLevel.Error, "payments", "t9")]);

        Assert.Equal(["failed", "slow"], Find(new LogFilter(MinimumLevel: LogLevel.Warning)));
        Assert.Equal(["failed"], Find(new LogFilter(Resource: "payments")));
        Assert.Equal(["failed"], Find(new LogFilter(TraceId: "T9")));
        Assert.Equal(["placed"], Find(new LogFilter(Text: "PLACE")));

        IEnumerable<string> Find(LogFilter filter) => store.List(filter).Select(record => record.Message);
    }

    [Fact]
    public void A_series_keeps_its_latest_value_and_the_one_silent_for_longest_leaves_at_the_cap()
    {
        var store = new MetricStore(capacity: 2);
        store.Add([Point("a", 1), Point("b", 2), Point("a", 3), Point("c", 4)]);

        Assert.Equal([("a", 3.0), ("c", 4.0)], store.List(new MetricFilter()).Select(point => (point.Series.Instrument, point.Value)));
    }

    [Fact]
    public void Deltas_are_added_up()
    {
        var store = new MetricStore();
        store.Add(
        [
            Point("h", 10) with { IsDelta = true, Kind = MetricKind.Histogram, Count = 2, Min = 3, Max = 7 },
            Point("h", 5) with { IsDelta = true, Kind = MetricKind.Histogram, Count = 1, Min = 5, Max = 5 },
        ]);

        var point = Assert.Single(store.List(new MetricFilter()));

        Assert.Equal((15.0, 3ul, 3.0, 7.0, 5.0), (point.Value, point.Count!.Value, point.Min!.Value, point.Max!.Value, point.Average!.Value));
    }

    [Fact]
    public void A_full_queue_drops_the_batch_at_once_and_counts_its_records()
    {
        var queue = new IngestQueue(capacity: 1);

        Assert.True(queue.TryEnqueue(new TelemetryBatch([Span("a")], [], [])));
        Assert.False(queue.TryEnqueue(new TelemetryBatch([Span("b"), Span("c")], [Log("d", 1)], [])));
        Assert.Equal(3, queue.Dropped);
    }

    [Fact]
    public void A_sender_is_told_how_many_records_a_full_queue_refused()
    {
        var order = new OrderTelemetry();
        var receiver = new OtlpReceiver(new IngestQueue(capacity: 1));
        Assert.Null(receiver.Receive(order.Exports.First()).PartialSuccess);

        var spans = receiver.Receive(order.Exports.First()).PartialSuccess;
        var logs = receiver.Receive(order.Logs).PartialSuccess;

        Assert.Equal(order.Exports.First().ResourceSpans[0].ScopeSpans[0].Spans.Count, spans.RejectedSpans);
        Assert.Equal(3, logs.RejectedLogRecords);
        Assert.Contains("queue is full", spans.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Resources_are_numbered_in_the_order_in_which_they_came_and_made_up_names_do_not_fill_the_memory()
    {
        var names = new ResourceNames();
        for (var i = 0; i < 2 * ResourceNames.Capacity; i++)
            names.Note(new TelemetrySource($"r{i}", "1"));
        names.Note(new TelemetrySource("r0", "2"));

        Assert.Equal((0, 1), (names.NumberOf("r0"), names.NumberOf("r1")));
        Assert.Equal(ResourceNames.Capacity, names.All.Count());
    }

    [Fact]
    public async Task A_queue_is_full_by_its_records_too_and_has_room_again_when_they_are_stored()
    {
        var queue = new IngestQueue(capacity: 100, maxRecords: 3);
        Assert.True(queue.TryEnqueue(new TelemetryBatch([Span("a"), Span("b")], [], [])));
        Assert.False(queue.TryEnqueue(new TelemetryBatch([Span("c"), Span("d")], [], [])));
        Assert.True(queue.TryEnqueue(new TelemetryBatch([Span("e")], [], [])));
        queue.Close();

        var seen = new List<string>();
        await foreach (var batch in queue.ReadAllAsync())
            seen.AddRange(batch.Spans.Select(span => span.SpanId));

        Assert.Equal(["a", "b", "e"], seen);
        Assert.Equal(2, queue.Dropped);
    }

    [Fact]
    public void Log_records_that_are_large_leave_by_their_weight()
    {
        var store = new LogStore(maxBytes: 100_000);
        store.Add([.. Enumerable.Range(1, 50).Select(i => Log(new string('x', 10_000), i))]);

        Assert.InRange(store.Count, 1, 5);
    }

    private static LogRecord Log(string message, int at, LogLevel level = LogLevel.Information, string source = "orders", string? trace = null) => new()
    {
        Time = Epoch.AddSeconds(at),
        Source = new TelemetrySource(source, "1"),
        Level = level,
        Category = "Shop",
        Message = message,
        TraceId = trace,
    };

    private static MetricPoint Point(string instrument, double value) => new()
    {
        Series = new MetricSeriesKey(new TelemetrySource("orders", "1"), "Shop", instrument, ""),
        Kind = MetricKind.Sum,
        Time = Epoch,
        Value = value,
    };
}
