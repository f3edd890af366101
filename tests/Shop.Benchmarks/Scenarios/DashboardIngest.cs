using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Google.Protobuf;
using Shop.Benchmarks.Harness;
using Shop.Dashboard;
using Shop.Dashboard.Otlp.Wire;

namespace Shop.Benchmarks.Scenarios;

/// <summary>There is nothing to compare it with: Aspire's dashboard needs containers. The number says how much telemetry the embedded engine bears.</summary>
internal sealed class DashboardIngest : Scenario
{
    private const int Exporters = 8;
    private const int SpansPerExport = 512;
    private const string Dashboard = "Shop.Dashboard";

    public override string Name => "dashboard-ingest";

    public override string Measures => "Take spans over OTLP/HTTP: 8 exporters send 512 spans in each request, as the .NET exporter does, with eight attributes each. Only spans that were taken count; sender and dashboard share this process.";

    public override int Order => 130;

    public override IReadOnlyList<Target> Targets => [Target.Throughput(Dashboard, 20_000)];

    public override IReadOnlyList<Side> CreateSides() => [new Ingest()];

    private sealed class Ingest : Side
    {
        private WebApplication? _dashboard;
        private HttpClient? _exporter;

        public override string Name => Dashboard;

        public override bool Ours => true;

        public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
        {
            _dashboard = DashboardHost.Build(new DashboardOptions { HttpPort = 0, OtlpGrpcPort = 0, OtlpHttpPort = 0 }, ["--Logging:LogLevel:Default=Warning"]);
            await DashboardHost.StartAsync(_dashboard, cancellationToken);
            _exporter = new HttpClient { BaseAddress = new Uri(_dashboard.Urls.Last()) }; // pages, OTLP over gRPC, OTLP over HTTP
        }

        public override async Task RunAsync(Measurement measurement)
        {
            long taken = 0;
            await measurement.ClosedLoopAsync(Exporters, async _ => Interlocked.Add(ref taken, await ExportAsync(measurement.Cancelled)), operations: 0);
            measurement.Count(taken);
        }

        public override async ValueTask DisposeAsync()
        {
            _exporter?.Dispose();
            if (_dashboard is null)
                return;
            await _dashboard.StopAsync();
            await _dashboard.DisposeAsync();
        }

        private async Task<long> ExportAsync(CancellationToken cancellationToken)
        {
            using var content = new ByteArrayContent(Batch().ToByteArray());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using var response = await _exporter!.PostAsync(new Uri("/v1/traces", UriKind.Relative), content, cancellationToken);
            response.EnsureSuccessStatusCode();
            var answer = ExportTraceServiceResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return SpansPerExport - (answer.PartialSuccess?.RejectedSpans ?? 0);
        }

        /// <summary>Traces of 16 spans.</summary>
        private static ExportTraceServiceRequest Batch()
        {
            var scope = new ScopeSpans { Scope = new InstrumentationScope { Name = "Shop.Orders" } };
            Span? root = null;
            for (var i = 0; i < SpansPerExport; i++)
            {
                var span = NewSpan(i % 16 == 0 ? null : root);
                scope.Spans.Add(span);
                root = i % 16 == 0 ? span : root;
            }

            var resource = new Resource { Attributes = { Attribute("service.name", "orders"), Attribute("service.instance.id", "orders-0") } };
            return new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { Resource = resource, ScopeSpans = { scope } } } };
        }

        private static Span NewSpan(Span? parent)
        {
            var id = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(id, Random.Shared.NextInt64(1, long.MaxValue));
            return new Span
            {
                TraceId = parent?.TraceId ?? ByteString.CopyFrom(RandomNumberGenerator.GetBytes(16)),
                SpanId = ByteString.CopyFrom(id),
                ParentSpanId = parent?.SpanId ?? ByteString.Empty,
                Name = "UPDATE stock",
                Kind = 3, // client
                StartTimeUnixNano = 1_700_000_000_000_000_000,
                EndTimeUnixNano = 1_700_000_000_000_500_000,
                Attributes =
                {
                    Attribute("db.system.name", "postgresql"), Attribute("db.namespace", "ordersdb"), Attribute("db.operation.name", "UPDATE"), Attribute("db.collection.name", "stock"),
                    Attribute("server.address", "127.0.0.1"), Attribute("server.port", "5432"), Attribute("thread.name", ".NET TP Worker"), Attribute("shop.order.id", Guid.CreateVersion7().ToString()),
                },
            };
        }

        private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
    }
}
