using System.Globalization;

namespace Shop.Redis.Streams;

/// <summary>How a consumer group reads a stream. The defaults suit handlers that take milliseconds.</summary>
public sealed class StreamConsumerGroupOptions
{
    /// <summary>The stream's name, without prefix and partition, for example <c>orders</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>The group's name. Every group gets every message; the consumers of a group share them.</summary>
    public required string Group { get; init; }

    /// <summary>This consumer's name, unique in the group. Default: machine, process and a random part, so that a restarted process never meets its own ghost.</summary>
    public string Consumer { get; init; } =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.CreateVersion7().ToString("N")[20..]}");

    /// <summary>Where a group that does not exist yet begins: <c>0-0</c> (default) for everything there is, <c>$</c> for what comes, an entry id for what follows it, or <see cref="From"/> a time. A group that was there and is lost (a wipe, a failover) begins at <c>0-0</c> again.</summary>
    public string StartFrom { get; init; } = "0-0";

    /// <summary>
    /// Whether the order of a key holds across all consumers of the group. True (default): one consumer at a time owns the
    /// partition, through a lease of <see cref="ClaimAfter"/>, and the others stand by to take over. False: all consumers read at
    /// once, which adds up their throughput, and the order of a key holds only within one of them. The same for every consumer of a group.
    /// </summary>
    public bool Ordered { get; init; } = true;

    /// <summary>The most entries of one read, 1 or more. Default 256.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>How many handlers run at once, for different keys, 1 or more. Default 32.</summary>
    public int Lanes { get; init; } = 32;

    /// <summary>
    /// The most entries held in memory, begun or waiting, at least <see cref="Lanes"/>. Default 1024. When it is reached nothing
    /// more is read. Entries that wait behind a failed one of their key are not counted, so that one bad key does not keep the
    /// others from being read, until they are sixteen times as many.
    /// </summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>How often a sleeping consumer looks even if nobody wakes it. Default 1 s: the cost of a lost wake-up.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most deliveries of a message, 1 or more; after the last it goes to the dead-letter stream. Default 10, which with the default back-off spans about 80 s.</summary>
    public int MaxDeliveries { get; init; } = 10;

    /// <summary>The wait before the second delivery; it doubles with each further one, ± 20 %. Default 200 ms.</summary>
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between deliveries. Default 30 s.</summary>
    public TimeSpan MaxRetryBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After this long without a sign of life a consumer is taken for dead, and another takes over; 1 s or more. Default 5 s. A live consumer renews its hold every third of it and at least every 2 s, however slow its handlers are. A consumer that shuts down is followed at once.</summary>
    public TimeSpan ClaimAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a consumer without entries may be silent before its name is removed. Default 5 min.</summary>
    public TimeSpan ConsumerExpiry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a group without a living consumer keeps the stream from being trimmed. Default 24 h; after that its unread entries may go, loudly.</summary>
    public TimeSpan GroupGrace { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many entries stay for people and for replays, though every group has acknowledged them. Default 10,000; 0 keeps none, to within the 100 entries that Redis trims at a time.</summary>
    public int KeepEntries { get; init; } = 10_000;

    /// <summary>How often the stream is trimmed and its facts are measured. Default 5 s.</summary>
    public TimeSpan JanitorInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a shutdown waits for running handlers before it cancels them. Default 10 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The <see cref="StartFrom"/> of a group that is to begin with the first entry of a moment, by Redis's clock.</summary>
    public static string From(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds() is > 0 and var milliseconds ? new EntryId((ulong)milliseconds - 1, ulong.MaxValue).ToString() : "0-0";

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Stream);
        ArgumentException.ThrowIfNullOrWhiteSpace(Group);
        ArgumentException.ThrowIfNullOrWhiteSpace(Consumer);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lanes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDeliveries, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(KeepEntries);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryBackoff, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(GroupGrace, TimeSpan.Zero);
        if (StartFrom != "$" && !EntryId.TryParse(StartFrom, out _))
            throw new ArgumentException($"{nameof(StartFrom)} is '{StartFrom}'; it must be '$' or an entry id such as '0-0'.");
        if (ConsumerExpiry < ClaimAfter)
            throw new ArgumentException($"{nameof(ConsumerExpiry)} is {ConsumerExpiry} and {nameof(ClaimAfter)} is {ClaimAfter}: a consumer must not be removed before its entries may be taken over.");
        if (Capacity < Lanes)
            throw new ArgumentException($"{nameof(Capacity)} is {Capacity} and {nameof(Lanes)} is {Lanes}: the lanes could never all be busy. Raise the one or lower the other.");
        if (ClaimAfter < TimeSpan.FromSeconds(1))
            throw new ArgumentException($"{nameof(ClaimAfter)} is {ClaimAfter}; it must be at least one second, or a pause of the garbage collector counts as a death.");
        if (MaxRetryBackoff < RetryBackoff)
            throw new ArgumentException($"{nameof(MaxRetryBackoff)} is {MaxRetryBackoff} and {nameof(RetryBackoff)} is {RetryBackoff}: the longest wait must not be below the first.");
        if (PollInterval <= TimeSpan.Zero || JanitorInterval <= TimeSpan.Zero)
            throw new ArgumentException($"{nameof(PollInterval)} is {PollInterval} and {nameof(JanitorInterval)} is {JanitorInterval}; both must be above zero.");
    }

    /// <summary>How often a consumer shows that it lives.</summary>
    internal TimeSpan RenewInterval => ClaimAfter / 3 < TimeSpan.FromSeconds(2) ? ClaimAfter / 3 : TimeSpan.FromSeconds(2);

    internal TimeSpan BackoffAfter(int attempt)
    {
        var doubled = RetryBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30));
        return TimeSpan.FromMilliseconds(Math.Min(doubled, MaxRetryBackoff.TotalMilliseconds) * (0.8 + 0.4 * Random.Shared.NextDouble()));
    }
}
