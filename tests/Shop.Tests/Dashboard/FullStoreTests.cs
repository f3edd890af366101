using System.Buffers.Binary;
using Google.Protobuf;
using Shop.Dashboard.Api;
using Shop.Dashboard.Otlp.Wire;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>The dashboard with as many spans as it holds, sent as services send them.</summary>
public sealed class FullStoreTests
{
    private const int TracesPerExport = 500;
    private const int SpansPerTrace = 20;

    private ulong _lastId;

    [Fact]
    public async Task With_fifty_thousand_spans_held_lists_searches_and_traces_are_shown()
    {
        await using var dashboard = await RunningDashboard.StartAsync();
        for (var export = 0; export < 6; export++)
            (await dashboard.PostAsync("v1/traces", Export())).Dispose();
        var status = await Eventually.BecomesAsync(
            () => dashboard.GetAsync<StatusView>("/api/status"), status => status.Spans == 50_000, "fifty thousand spans", TimeSpan.FromMinutes(1));

        Assert.Equal((2_500, 0L), (status.Traces, status.Dropped));
        Assert.Contains("Held: 50,000 spans in 2,500 traces", await PageAsync("/traces"), StringComparison.Ordinal);
        Assert.Contains("No trace matches", await PageAsync("/traces?text=nothing-has-this"), StringComparison.Ordinal);
        var trace = Assert.Single(await dashboard.GetAsync<IReadOnlyList<TraceView>>($"/api/traces?text=value-{_lastId}"));
        Assert.Contains($"value-{_lastId}", await PageAsync($"/traces/{trace.TraceId}"), StringComparison.Ordinal);
        Assert.Equal(2_500, (await dashboard.GetAsync<IReadOnlyList<TraceView>>("/api/traces?limit=10000")).Count);

        Task<string> PageAsync(string address) => dashboard.Client.GetStringAsync(address, TestContext.Current.CancellationToken);
    }

    private ExportTraceServiceRequest Export()
    {
        var spans = new ScopeSpans { Scope = new InstrumentationScope { Name = "test" } };
        for (var trace = 0; trace < TracesPerExport; trace++)
        {
            var traceId = ByteString.CopyFrom(Guid.CreateVersion7().ToByteArray());
            ByteString? root = null;
            for (var i = 0; i < SpansPerTrace; i++)
            {
                var id = new byte[8];
                BinaryPrimitives.WriteUInt64BigEndian(id, ++_lastId);
                var span = new Span
                {
                    TraceId = traceId,
                    SpanId = ByteString.CopyFrom(id),
                    ParentSpanId = root ?? ByteString.Empty,
                    Name = "work",
                    StartTimeUnixNano = 1_700_000_000_000_000_000 + _lastId,
                    EndTimeUnixNano = 1_700_000_000_000_500_000 + _lastId,
                    Attributes = { new KeyValue { Key = "value", Value = new AnyValue { StringValue = $"value-{_lastId}" } } },
                };
                root ??= span.SpanId;
                spans.Spans.Add(span);
            }
        }

        return new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { Resource = new Resource { Attributes = { new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = "busy" } } } }, ScopeSpans = { spans } } },
        };
    }
}
