namespace Shop.Redis.Jobs;

/// <summary>Where a job is in its life.</summary>
public enum JobState
{
    /// <summary>Waits for its time: delayed, snoozed, or to be tried again.</summary>
    Scheduled,

    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>A worker has it.</summary>
    Running,

    /// <summary>Done. Kept only where the job or its kind asked for it, or when it left a result.</summary>
    Succeeded,

    /// <summary>Given up after its last attempt; kept for people, who may retry it.</summary>
    Dead,

    /// <summary>Cancelled, by its handler or from outside.</summary>
    Cancelled,
}
