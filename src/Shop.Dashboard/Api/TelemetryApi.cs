using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Dashboard.Protocol;
using Shop.Dashboard.Resources;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Api;

/// <summary>What the pages show, as JSON, for tests and tools.</summary>
internal static class TelemetryApi
{
    private const int MaxLimit = 10_000;

    public static IServiceCollection AddTelemetryApi(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(static json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));

    public static void MapTelemetryApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api");
        api.MapGet("/traces", ListTraces);
        api.MapGet("/traces/{traceId}", FindTrace);
        api.MapGet("/logs", ListLogs);
        api.MapGet("/metrics", ListMetrics);
        api.MapGet("/resources", ListResources);
        api.MapGet("/console", ListConsole);
        api.MapGet("/status", Status);
    }

    private static JsonHttpResult<IReadOnlyList<TraceView>> ListTraces(
        TraceStore traces, string? text = null, string? resource = null, bool errors = false, bool noise = false, int limit = 200) =>
        Json<TraceView>([.. traces.List(new TraceFilter { Text = text, Resource = resource, ErrorsOnly = errors, IncludeHealthChecks = noise, Limit = Limit(limit) }).Select(TraceView.Of)]);

    private static Results<JsonHttpResult<TraceDetailView>, NotFound> FindTrace(TraceStore traces, string traceId) =>
        traces.Find(traceId) is { } trace
            ? TypedResults.Json(TraceDetailView.Of(trace), ApiJson.Default.TraceDetailView)
            : TypedResults.NotFound();

    private static JsonHttpResult<IReadOnlyList<LogView>> ListLogs(
        LogStore logs, string? text = null, string? resource = null, LogLevel level = LogLevel.Trace, string? traceId = null, string? spanId = null, int limit = 500) =>
        Json<LogView>([.. logs.List(new LogFilter(text, resource, level, traceId, spanId, Limit(limit))).Select(LogView.Of)]);

    private static JsonHttpResult<IReadOnlyList<MetricView>> ListMetrics(
        MetricStore metrics, string? text = null, string? resource = null, int limit = 1_000) =>
        Json<MetricView>([.. metrics.List(new MetricFilter(text, resource, Limit(limit))).Select(MetricView.Of)]);

    /// <summary>The resources without their secrets.</summary>
    private static JsonHttpResult<IReadOnlyList<ResourceSnapshot>> ListResources(ResourceStore resources) =>
        Json<ResourceSnapshot>([.. resources.All.Select(static resource => resource with
        {
            Replicas = [.. resource.Replicas.Select(static replica => replica with
            {
                Environment = [.. replica.Environment.Select(static variable => variable.IsSecret ? variable with { Value = "" } : variable)],
            })],
        })]);

    private static JsonHttpResult<IReadOnlyList<ConsoleLine>> ListConsole(ConsoleLines console, string? process = null, string? text = null, string? traceId = null, int limit = 1_000) =>
        Json(console.List(new ConsoleFilter(process, text, Limit(limit), TraceId: traceId)));

    private static JsonHttpResult<StatusView> Status(TraceStore traces, LogStore logs, MetricStore metrics, IngestQueue queue) =>
        TypedResults.Json(
            new StatusView(traces.Counts.Traces, traces.Counts.Spans, logs.Count, metrics.Count, queue.Dropped, queue.Invalid),
            ApiJson.Default.StatusView);

    private static JsonHttpResult<IReadOnlyList<T>> Json<T>(IReadOnlyList<T> items) => TypedResults.Json(items, ApiJson.Default);

    private static int Limit(int asked) => Math.Clamp(asked, 1, MaxLimit);
}
