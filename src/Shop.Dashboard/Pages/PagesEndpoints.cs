using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Pages;

/// <summary>The pages a person opens. Everything shown is in the address, so that any view can be sent to somebody.</summary>
internal static class PagesEndpoints
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        return services;
    }

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapAssets();
        routes.MapLiveUpdates();
        routes.MapGet("/", Traces);
        routes.MapGet("/traces", Traces);
        routes.MapGet("/traces/{traceId}", Trace);
        routes.MapGet("/logs", Logs);
        routes.MapGet("/metrics", Metrics);
    }

    private static RazorComponentResult<TracesPage> Traces(string? text = null, string? resource = null, bool errors = false, bool noise = false) =>
        Page<TracesPage>(new { Filter = new TraceFilter(text, resource, errors, noise) });

    private static RazorComponentResult<TracePage> Trace(string traceId, TraceStore traces)
    {
        var trace = traces.Find(traceId);
        var page = Page<TracePage>(new { TraceId = traceId, Detail = trace });
        page.StatusCode = trace is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        return page;
    }

    private static RazorComponentResult<LogsPage> Logs(string? text = null, string? resource = null, LogLevel level = LogLevel.Trace, string? traceId = null) =>
        Page<LogsPage>(new { Filter = new LogFilter(text, resource, level, traceId) });

    private static RazorComponentResult<MetricsPage> Metrics(string? text = null, string? resource = null) =>
        Page<MetricsPage>(new { Filter = new MetricFilter(text, resource) });

    private static RazorComponentResult<TPage> Page<TPage>(object parameters)
        where TPage : Microsoft.AspNetCore.Components.IComponent =>
        new(parameters);
}
