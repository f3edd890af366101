using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Charts;

/// <summary>One chart of the ready page.</summary>
/// <param name="Title">What an operator calls it.</param>
/// <param name="Instrument">What it shows; while no service reports it, the panel is empty.</param>
/// <param name="By">See <see cref="MetricQuery.By"/>.</param>
/// <param name="Statistic">See <see cref="MetricQuery.Statistic"/>.</param>
internal sealed record Panel(string Title, string Instrument, string? By = null, Statistic Statistic = Statistic.Natural)
{
    /// <summary>Narrows the series further.</summary>
    public IReadOnlyList<AttributeCondition> Where { get; init; } = [];
}

/// <summary>What somebody on call for the shop looks at first. Metrics of parts that are not there (yet) leave their panel empty.</summary>
internal static class ShopPanels
{
    public static readonly IReadOnlyList<(string Title, IReadOnlyList<Panel> Panels)> All =
    [
        ("Orders",
        [
            new("Orders placed per second", "shop.orders.placements", "shop.order.outcome"),
            new("From placed to paid", "shop.orders.to_paid"),
            new("Orders moved on per second", "shop.orders.moves", "shop.order.status"),
            new("Requests to the shop, p95", "http.server.request.duration", "http.route", Statistic.P95) { Where = AttributeCondition.ReadAll("http.route") },
        ]),
        ("Streams and outbox",
        [
            new("Consumer lag", "shop.streams.lag", "messaging.consumer.group.name", Statistic.Shared),
            new("Pending entries", "shop.streams.pending", "messaging.consumer.group.name", Statistic.Shared),
            new("Oldest pending entry", "shop.streams.oldest_pending_age", "messaging.consumer.group.name", Statistic.Greatest),
            new("Time in the handler, p95", "messaging.process.duration", "messaging.consumer.group.name", Statistic.P95),
            new("Redeliveries per second", "shop.streams.redeliveries", "messaging.consumer.group.name"),
            new("Dead letters", "shop.streams.dead_letters_held", "messaging.destination.name", Statistic.Shared),
            new("Archive behind by", "shop.archive.lag"),
            new("Outbox backlog", "shop.outbox.backlog", MetricQuery.ByResource),
            new("Events published per second", "shop.outbox.published", "messaging.destination.name"),
        ]),
        ("Jobs, locks and limits",
        [
            new("Jobs by state", "shop.jobs.count", "shop.job.state", Statistic.Shared),
            new("Attempts of jobs ended per second", "shop.jobs.ended", "shop.job.end"),
            new("Wait of jobs for their turn", "shop.jobs.wait"),
            new("Wait for a lock", "shop.locks.wait"),
            new("Locks lost", "shop.locks.lost", MetricQuery.ByResource, Statistic.Value),
            new("Requests turned down per second", "shop.limits.rejections", "shop.limit.policy"),
            new("Readers of live logs", "shop.live.readers", MetricQuery.ByReplica),
        ]),
        ("Runtime",
        [
            new("Orleans activations", "orleans-catalog-activations", MetricQuery.ByReplica) { Where = AttributeCondition.ReadAll("grain_type!~sys.") },
            new("Grain calls, p95", "orleans-app-requests-latency", MetricQuery.ByReplica, Statistic.P95),
            new("CPU, in cores", "dotnet.process.cpu.time", MetricQuery.ByReplica),
            new("Pauses of the garbage collector, share of time", "dotnet.gc.pause.time", MetricQuery.ByReplica),
            new("Heap after the last collection", "dotnet.gc.last_collection.heap.size", MetricQuery.ByReplica),
            new("Exceptions per second", "dotnet.exceptions", MetricQuery.ByResource),
        ]),
    ];

    /// <summary>The chart of a panel; null while nobody reports its instrument.</summary>
    public static (MetricQuery Query, ChartData Chart)? Read(Panel panel, MetricStore store, TimeWindow window, DateTimeOffset now)
    {
        var query = new MetricQuery { Instrument = panel.Instrument, By = panel.By, Statistic = panel.Statistic, Where = panel.Where, Window = window };
        return store.Read(query.Wants) is { Count: > 0 } series ? (query, ChartData.Of(series, query, now)) : null;
    }
}
