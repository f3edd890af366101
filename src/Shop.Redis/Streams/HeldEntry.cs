using System.Runtime.InteropServices;

namespace Shop.Redis.Streams;

/// <summary>An entry that this consumer holds: delivered to it, and not yet known to be acknowledged.</summary>
internal sealed class HeldEntry(string id, StreamMessage message, bool redelivered)
{
    public string Id => id;

    public EntryId Order { get; } = EntryId.Parse(id);

    public StreamMessage Message => message;

    /// <summary>The delivery that is counted in Redis; 0 while that is not known.</summary>
    public int Attempt { get; set; } = redelivered ? 0 : 1;

    /// <summary>Whether the next delivery is still to be counted: reading new entries counts their first, nothing else counts.</summary>
    public bool CountBeforeHandling { get; set; } = redelivered;

    /// <summary>Whether a lane has picked it up.</summary>
    public bool Begun { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public Exception? LastError { get; set; }

    /// <summary>Why it goes to the dead letters, once that is decided.</summary>
    public string? DeadBecause { get; set; }
}

/// <summary>What a lane does with an entry that was handled.</summary>
/// <param name="Verdict">Whether it is finished.</param>
/// <param name="RetryIn">When not: how long until it is tried again.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Handled(Verdict Verdict, TimeSpan RetryIn = default)
{
    public static Handled Again(TimeSpan wait) => new(Verdict.Again, wait);
}

/// <summary>How far an entry is.</summary>
internal enum Verdict
{
    /// <summary>Nothing more to do, and nothing to hold.</summary>
    Gone,

    /// <summary>Handled; held until its acknowledgement is confirmed, so that it is not taken for abandoned and handled twice.</summary>
    Acknowledging,

    /// <summary>To be tried again.</summary>
    Again,
}
