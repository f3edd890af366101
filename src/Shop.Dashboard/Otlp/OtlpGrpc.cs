using Grpc.Core;
using Shop.Dashboard.Otlp.Wire;

namespace Shop.Dashboard.Otlp;

/// <summary>OTLP over gRPC: one service per signal, as the protocol names them.</summary>
internal static class OtlpGrpc
{
    public static void MapOtlpGrpc(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<TraceCollector>();
        routes.MapGrpcService<LogsCollector>();
        routes.MapGrpcService<MetricsCollector>();
    }

    private sealed class TraceCollector(OtlpReceiver receiver) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context) =>
            Task.FromResult(receiver.Receive(request));
    }

    private sealed class LogsCollector(OtlpReceiver receiver) : LogsService.LogsServiceBase
    {
        public override Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context) =>
            Task.FromResult(receiver.Receive(request));
    }

    private sealed class MetricsCollector(OtlpReceiver receiver) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context) =>
            Task.FromResult(receiver.Receive(request));
    }
}
