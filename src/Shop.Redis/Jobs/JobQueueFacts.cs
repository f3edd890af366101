namespace Shop.Redis.Jobs;

/// <summary>A queue in numbers.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Scheduled">Jobs that wait for their time.</param>
/// <param name="Queued">Jobs that wait for a worker.</param>
/// <param name="Running">Jobs that a worker has.</param>
/// <param name="Succeeded">Jobs that are kept after success.</param>
/// <param name="Dead">Jobs that were given up.</param>
/// <param name="Cancelled">Jobs that were cancelled.</param>
/// <param name="OldestQueuedAge">How long the job at the head of the queue has waited for a worker; zero when none waits.</param>
/// <param name="Workers">Workers that showed life lately.</param>
public sealed record JobQueueFacts(string Queue, long Scheduled, long Queued, long Running, long Succeeded, long Dead, long Cancelled, TimeSpan OldestQueuedAge, int Workers);
