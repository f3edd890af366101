namespace Shop.Redis.Jobs;

/// <summary>Why an attempt's token was cancelled.</summary>
public enum JobStop
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Somebody cancelled the job: it ends as cancelled, unless the handler finishes it all the same.</summary>
    Cancelled,

    /// <summary>The attempt took longer than its time-out: it has failed.</summary>
    TimedOut,

    /// <summary>The job is no longer this worker's (a long pause, Redis away or wiped): another may run it, and whatever this attempt answers is refused.</summary>
    LeaseLost,

    /// <summary>The worker shuts down and has waited for long enough: the job is given back, and no attempt is used up.</summary>
    ShutDown,
}
