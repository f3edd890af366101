using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Charts;

/// <summary>What a chart shows of its series.</summary>
public enum Statistic
{
    /// <summary>Of a counter its rate, of a gauge its value, of a histogram its percentiles.</summary>
    Natural,

    /// <summary>The value, added up over the series of a line.</summary>
    Value,

    /// <summary>As <see cref="Value"/>, where every replica reports the same fact, such as the lag of a group: series with the same attributes count once.</summary>
    Shared,

    /// <summary>The greatest of the series of a line: adding ages up tells nothing.</summary>
    Greatest,

    /// <summary>Per second.</summary>
    Rate,

    Average,
    P50,
    P90,
    P95,
    P99,
}

/// <summary>Which series to draw, and how.</summary>
public sealed record MetricQuery
{
    /// <summary>The dimension that stands for the resource, and the one for its replica.</summary>
    public const string ByResource = "resource";
    public const string ByReplica = "replica";

    public required string Instrument { get; init; }

    public string? Meter { get; init; }

    /// <summary>The exact name of a resource.</summary>
    public string? Resource { get; init; }

    public IReadOnlyList<AttributeCondition> Where { get; init; } = [];

    /// <summary>A line for each value of this attribute, of the resource or of the replica; null: one line for all.</summary>
    public string? By { get; init; }

    public Statistic Statistic { get; init; }

    public TimeWindow Window { get; init; } = TimeWindow.Short;

    public bool Wants(MetricPoint point) =>
        point.Series.Instrument == Instrument
        && (Meter is not { Length: > 0 } || point.Series.Meter == Meter)
        && (Resource is not { Length: > 0 } || point.Series.Source.Name == Resource)
        && Where.All(condition => condition.IsMetBy(point.Dimensions));

    /// <summary>The name of the line that a series belongs to.</summary>
    public string LineOf(MetricPoint point) => By switch
    {
        null or "" => "",
        ByResource => point.Series.Source.Name,
        ByReplica => point.Series.Source.Instance is { Length: > 0 } instance ? instance : point.Series.Source.Name,
        _ => point.Dimensions.FirstOrDefault(attribute => attribute.Key == By).Value ?? "(none)",
    };
}

/// <summary>A span of time up to now, in sixty steps: as fine as what is kept of it.</summary>
public sealed record TimeWindow(int Minutes)
{
    private const int Steps = 60;

    public static readonly TimeWindow Short = new(2);
    public static readonly TimeWindow Medium = new(15);
    public static readonly TimeWindow Long = new(60);
    public static readonly IReadOnlyList<TimeWindow> All = [Short, Medium, Long];

    public TimeSpan Step => TimeSpan.FromMinutes(Minutes) / Steps;

    public static TimeWindow Of(int minutes) => All.FirstOrDefault(window => window.Minutes >= minutes) ?? Long;

    /// <summary>The moments at which a chart has values.</summary>
    public IReadOnlyList<DateTimeOffset> Times(DateTimeOffset now) => [.. Enumerable.Range(1 - Steps, Steps).Select(i => now + (i * Step))];
}
