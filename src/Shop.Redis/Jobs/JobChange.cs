namespace Shop.Redis.Jobs;

/// <summary>What became of an operator's wish.</summary>
public enum JobChange
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>The job runs; its worker was told, and its handler decides how soon it ends.</summary>
    Requested,

    /// <summary>There is no such job: it never was, it succeeded and was not kept, its time was up, or Redis was wiped.</summary>
    NotFound,

    /// <summary>The job's state does not allow it (a job that ended cannot be cancelled, a running one cannot be retried).</summary>
    WrongState,

    /// <summary>Another job with the same unique key waits or runs.</summary>
    Duplicate,
}
