using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Dashboard.Charts;
using Shop.Dashboard.Resources;
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
        routes.MapGet("/", static RedirectHttpResult (ResourceClient engine) => TypedResults.LocalRedirect(engine.HasEngine ? "/resources" : "/traces"));
        routes.MapGet("/resources", static () => Page<ResourcesPage>(new { }));
        routes.MapGet("/resources/{name}", Resource);
        routes.MapPost("/resources/{name}/{command}", CommandAsync);
        routes.MapGet("/graph", static () => Page<GraphPage>(new { }));
        routes.MapGet("/console", Console);
        routes.MapGet("/traces", Traces);
        routes.MapGet("/traces/{traceId}", Trace);
        routes.MapGet("/logs", Logs);
        routes.MapGet("/metrics", static (int last = 2) => Page<ShopMetricsPage>(new { Window = TimeWindow.Of(last) }));
        routes.MapGet("/metrics/instruments", static (string? text = null, string? resource = null) => Page<InstrumentsPage>(new { Filter = new MetricFilter(text, resource, Limit: 20_000) }));
        routes.MapGet("/metrics/instrument", Instrument);
    }

    private static RazorComponentResult<ResourcePage> Resource(string name, ResourceStore resources, string? secrets = null)
    {
        var page = Page<ResourcePage>(new { Name = name, ShowSecrets = secrets == "shown" });
        page.StatusCode = resources.Find(name) is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        return page;
    }

    private static async Task<IResult> CommandAsync(string name, string command, ResourceClient engine, CancellationToken cancellationToken, string? to = null)
    {
        if (await engine.CommandAsync(name, command, cancellationToken) is { } problem)
            return new RazorComponentResult<ResourcesPage>(new { Problem = problem }) { StatusCode = StatusCodes.Status409Conflict };
        return TypedResults.LocalRedirect(to is ['/', not '/', ..] ? to : "/resources");
    }

    private static RazorComponentResult<TracesPage> Traces(
        string? text = null, string? resource = null, bool errors = false, bool noise = false, string? minMs = null, string? last = null,
        string? from = null, string? to = null, string? attributes = null, int limit = 200) =>
        Page<TracesPage>(new { Query = new TracesQuery(text, resource, errors, noise, Number(minMs), Number(last), from, to, attributes, Math.Clamp(limit, 1, 5_000)) });

    /// <summary>A number field that was left empty is sent as an empty text, and asks for nothing.</summary>
    private static int? Number(string? field) => int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static RazorComponentResult<TracePage> Trace(string traceId, TraceStore traces)
    {
        var trace = traces.Find(traceId);
        var page = Page<TracePage>(new { TraceId = traceId, Detail = trace });
        page.StatusCode = trace is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        return page;
    }

    private static RazorComponentResult<LogsPage> Logs(
        string? text = null, string? resource = null, LogLevel level = LogLevel.Trace, string? traceId = null, string? spanId = null, string? until = null) =>
        Page<LogsPage>(new { Filter = new LogFilter(text, resource, level, traceId, spanId, Until: Number(until)) });

    private static RazorComponentResult<ConsolePage> Console(
        string? process = null, string? text = null, LogLevel level = LogLevel.Trace, string? traceId = null, string? until = null) =>
        Page<ConsolePage>(new { Filter = new ConsoleFilter(process, text, Level: level, TraceId: traceId, Until: Number(until)) });

    private static RazorComponentResult<InstrumentPage> Instrument(
        string name, string? meter = null, string? resource = null, string? by = null, string? where = null, Statistic stat = Statistic.Natural, int last = 2) =>
        Page<InstrumentPage>(new
        {
            Where = where,
            Query = new MetricQuery
            {
                Instrument = name,
                Meter = meter,
                Resource = resource,
                By = by,
                Where = AttributeCondition.ReadAll(where),
                Statistic = stat,
                Window = TimeWindow.Of(last),
            },
        });

    private static RazorComponentResult<TPage> Page<TPage>(object parameters)
        where TPage : IComponent =>
        new(parameters);
}
