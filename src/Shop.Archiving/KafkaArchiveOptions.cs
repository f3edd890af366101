namespace Shop.Archiving;

/// <summary>What a service archives in Kafka, and how it is audited. Validated when the service starts.</summary>
public sealed class KafkaArchiveOptions
{
    /// <summary>The streams that the service's outbox writes, for example <c>orders</c>: each is archived by its owner, whose outbox it is audited against. At least one.</summary>
    public IList<string> Streams { get; } = [];

    /// <summary>Put in front of a stream's name to make its topic. Default <c>shop.</c>: the stream <c>orders</c> goes to <c>shop.orders</c>.</summary>
    public string TopicPrefix { get; set; } = "shop.";

    /// <summary>
    /// How many events may be on their way to Kafka at once, each of another key, 1 to 10,000. Default 512: with the 5 ms for which
    /// a batch is gathered, some ten thousands of events a second. 1 sends them one by one.
    /// </summary>
    public int InFlight { get; set; } = 512;

    /// <summary>How long Kafka may take to acknowledge an event before the attempt counts as failed, 1 s or more; it is then tried again, without end. Default 30 s, so that a change of leader passes unnoticed.</summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a shutdown waits for what is on its way. Default 5 s; what was not acknowledged by then is sent again by the next archiver.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an archiver that is down keeps the streams from being trimmed. Default 24 h. Events trimmed after that are archived from the outbox, by the audit.</summary>
    public TimeSpan GroupGrace { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often the audit looks whether a window is due. Default 15 s.</summary>
    public TimeSpan AuditInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How much of the events' time is compared at once, whole seconds. Default 1 min: the hashes of a window's events (some 30 bytes each) are held in memory.</summary>
    public TimeSpan AuditWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a window rests before it is compared, so that transactions of that time have committed. Default 1 min. What is committed but not archived yet is recognised and waited for, however long it takes.</summary>
    public TimeSpan AuditLag { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>For how long after its comparison a window is compared again should the outbox have got further events in it: those of transactions that took longer than <see cref="AuditLag"/>. Default 10 min. Each look counts the rows of that time.</summary>
    public TimeSpan LateCommits { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long the outbox keeps rows that are not audited, beyond its own retention, after the last sign of life of an auditor.
    /// Default 24 h. As long as one lives (and waits for Kafka, say), they are kept without limit: watch <c>shop.archive.audit_age</c>.
    /// </summary>
    public TimeSpan HoldGrace { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long the results of audits are kept. Default 30 days.</summary>
    public TimeSpan KeepResults { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The topic of a stream.</summary>
    public string TopicOf(string stream) => TopicPrefix + stream;

    /// <summary>What is wrong with these options, or null.</summary>
    public string? Validate() => this switch
    {
        { Streams.Count: 0 } => "KafkaArchiveOptions.Streams is empty: name the streams that this service's outbox writes.",
        { InFlight: < 1 or > 10_000 } => $"KafkaArchiveOptions.InFlight is {InFlight}; it must be from 1 to 10000.",
        _ when Streams.FirstOrDefault(stream => !IsTopic(TopicOf(stream))) is { } stream => $"The topic '{TopicOf(stream)}' of the stream '{stream}' is no name for Kafka: 1 to 249 letters, digits, dots, hyphens and underscores.",
        _ when DeliveryTimeout < TimeSpan.FromSeconds(1) => $"KafkaArchiveOptions.DeliveryTimeout is {DeliveryTimeout}; it must be at least one second.",
        _ when DrainTimeout < TimeSpan.Zero => $"KafkaArchiveOptions.DrainTimeout is {DrainTimeout}; it must not be negative.",
        _ when GroupGrace < TimeSpan.Zero => $"KafkaArchiveOptions.GroupGrace is {GroupGrace}; it must not be negative.",
        _ when AuditInterval <= TimeSpan.Zero => $"KafkaArchiveOptions.AuditInterval is {AuditInterval}; it must be positive.",
        _ when AuditWindow < TimeSpan.FromSeconds(1) || AuditWindow.Ticks % TimeSpan.TicksPerSecond != 0 => $"KafkaArchiveOptions.AuditWindow is {AuditWindow}; it must be whole seconds, at least one.",
        _ when AuditLag < TimeSpan.Zero => $"KafkaArchiveOptions.AuditLag is {AuditLag}; it must not be negative.",
        _ when LateCommits < TimeSpan.Zero => $"KafkaArchiveOptions.LateCommits is {LateCommits}; it must not be negative.",
        _ when HoldGrace <= AuditInterval => $"KafkaArchiveOptions.HoldGrace is {HoldGrace}; it must be longer than AuditInterval, {AuditInterval}, in which it is renewed.",
        _ when KeepResults < LateCommits => $"KafkaArchiveOptions.KeepResults is {KeepResults}, shorter than LateCommits, {LateCommits}: windows would be compared over and over.",
        _ => null,
    };

    private static bool IsTopic(string name) => name is { Length: > 0 and <= 249 } && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');
}
