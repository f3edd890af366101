using System.Threading.Channels;

namespace Shop.Redis.Jobs;

/// <summary>
/// The places in which jobs run, <see cref="JobWorkerOptions.Concurrency"/> of them. A place is free as soon as its handler has
/// answered; that the answer is being recorded does not keep the next job waiting.
/// </summary>
internal sealed class JobLanes(JobRunner runner, JobWorkerOptions options)
{
    /// <summary>Arguments of one script stay far below what Lua takes.</summary>
    private const int LargestFetch = 500;

    private readonly Channel<RunningJob> _jobs = Channel.CreateUnbounded<RunningJob>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly SemaphoreSlim _room = new(options.Concurrency);

    /// <summary>Waits for a free place, and takes it and all others that are free; answers how many.</summary>
    public async Task<int> WaitForRoomAsync(CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        var room = 1;
        while (room < LargestFetch && _room.Wait(0, CancellationToken.None))
            room++;
        return room;
    }

    /// <summary>Runs jobs in places that <see cref="WaitForRoomAsync"/> took, and frees the rest of them.</summary>
    public void Run(RunningJob[] jobs, int room)
    {
        foreach (var job in jobs)
            _jobs.Writer.TryWrite(job);
        if (room > jobs.Length)
            _room.Release(room - jobs.Length);
    }

    /// <summary>No more will come; <see cref="WorkAsync"/> ends when those that came have ended.</summary>
    public void Complete() => _jobs.Writer.TryComplete();

    public Task WorkAsync() => Task.WhenAll(Enumerable.Range(0, options.Concurrency).Select(_ => Task.Run(WorkInOneAsync)));

    private async Task WorkInOneAsync()
    {
        while (true)
        {
            RunningJob job;
            try
            {
                // Hands each job to one lane; WaitToReadAsync would wake them all for one.
                job = await _jobs.Reader.ReadAsync().ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                return;
            }

            await runner.RunAsync(job).ConfigureAwait(false);
            _room.Release();
        }
    }
}
