using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Shop.Messaging;

/// <summary>How a service's outbox writes, relays, sweeps and forgets. Validated when the service starts.</summary>
public sealed class OutboxOptions
{
    private readonly List<JsonSerializerContext> _events = [];

    /// <summary>Put in front of every Redis key: the streams' and the outbox's own marker. Default <c>shop:</c>; writers and readers of a stream must agree.</summary>
    public string KeyPrefix { get; set; } = "shop:";

    /// <summary>
    /// How often the sweeper looks for rows that no fast path appended, and asks Redis whether it still has what it was
    /// given. Default one second: the longest that an event waits after its process was killed, and that a wipe of Redis
    /// goes unnoticed while nothing is written. One small query and one small Redis call each time.
    /// </summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How old an unpublished row is before it is swept; default one second. Younger ones belong to the fast path; zero makes the sweeper race it, which only repeats events.</summary>
    public TimeSpan SweepAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between attempts while Redis is away; the pauses double from <see cref="SweepInterval"/>. Default five seconds. A restored connection ends the pause at once.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Rows of one sweep transaction; default 500, at least 1.</summary>
    public int SweepBatch { get; set; } = 500;

    /// <summary>
    /// How long one sweep transaction may stand idle, and any one of its statements run, before PostgreSQL ends it.
    /// Default 30 s: a sweeper whose process was paused gives its lock up after that, and another goes on. It must be
    /// longer than Redis takes to answer, or to fail, for one batch.
    /// </summary>
    public TimeSpan SweepTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Rows that may wait in memory for the fast path; default 8192. What does not fit is left to the sweeper.</summary>
    public int FastPathCapacity { get; set; } = 8192;

    /// <summary>
    /// After a restart or failover of Redis, events published within this time are looked up in the stream and appended
    /// again when missing. Default ten minutes. Longer than Redis can lose: one second for AOF everysec, the time between
    /// two snapshots for RDB alone.
    /// </summary>
    public TimeSpan RestartWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a published row is kept: what a wiped Redis can be filled with again. Default three days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(3);

    /// <summary>
    /// How long an inbox row is kept. Default seven days; at least as long as the longest <see cref="Retention"/> of any
    /// outbox that this service consumes from, or a refilled stream would repeat the effects of its oldest events.
    /// </summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often rows past their retention are deleted; default one minute.</summary>
    public TimeSpan JanitorInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Adds source-generated JSON of the events that this service writes or reads. May be called several times.</summary>
    public OutboxOptions Events(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _events.Add(context);
        return this;
    }

    internal bool TryGetJson(Type type, [NotNullWhen(true)] out JsonTypeInfo? json)
    {
        foreach (var context in _events)
        {
            if (context.GetTypeInfo(type) is { } found)
            {
                json = found;
                return true;
            }
        }

        json = null;
        return false;
    }

    internal JsonTypeInfo Json(Type type) => TryGetJson(type, out var json)
        ? json
        : throw new InvalidOperationException($"No source-generated JSON for {type.FullName}: add [JsonSerializable(typeof({type.Name}))] to a JsonSerializerContext and hand that to AddOutbox(o => o.Events(...)).");

    /// <summary>What is wrong with these options, or null.</summary>
    public string? Validate() => this switch
    {
        { KeyPrefix: null } => "OutboxOptions.KeyPrefix is null; use an empty string for none.",
        { SweepBatch: < 1 } => $"OutboxOptions.SweepBatch is {SweepBatch}; it must be at least 1.",
        { FastPathCapacity: < 1 } => $"OutboxOptions.FastPathCapacity is {FastPathCapacity}; it must be at least 1.",
        _ when SweepInterval <= TimeSpan.Zero => $"OutboxOptions.SweepInterval is {SweepInterval}; it must be positive.",
        _ when SweepAfter < TimeSpan.Zero => $"OutboxOptions.SweepAfter is {SweepAfter}; it must not be negative.",
        _ when JanitorInterval <= TimeSpan.Zero => $"OutboxOptions.JanitorInterval is {JanitorInterval}; it must be positive.",
        _ when RestartWindow < TimeSpan.Zero => $"OutboxOptions.RestartWindow is {RestartWindow}; it must not be negative.",
        _ when MaxBackoff < SweepInterval => $"OutboxOptions.MaxBackoff is {MaxBackoff}, shorter than SweepInterval, {SweepInterval}.",
        _ when SweepTimeout <= SweepInterval => $"OutboxOptions.SweepTimeout is {SweepTimeout}; it must be longer than SweepInterval, {SweepInterval}.",
        _ when Retention < RestartWindow => $"OutboxOptions.Retention is {Retention}, shorter than RestartWindow, {RestartWindow}: rows would be gone before they are looked up.",
        _ when InboxRetention < Retention => $"OutboxOptions.InboxRetention is {InboxRetention}, shorter than Retention, {Retention}: a refilled stream would repeat effects.",
        _ => null,
    };
}
