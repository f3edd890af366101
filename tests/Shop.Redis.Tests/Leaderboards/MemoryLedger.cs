using System.Runtime.CompilerServices;
using Shop.Redis.Leaderboards;

namespace Shop.Redis.Tests.Leaderboards;

/// <summary>A ledger in memory, as a database would be: what was committed, each once.</summary>
internal sealed class MemoryLedger : ILeaderboardLedger
{
    private readonly Dictionary<string, LeaderboardSubmission> _entries = new(StringComparer.Ordinal);
    private int _reads;

    /// <summary>How often it was read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>The sum of each member's scores.</summary>
    public Dictionary<string, long> Sums
    {
        get
        {
            lock (_entries)
                return _entries.Values.GroupBy(static entry => entry.Member, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Sum(static entry => entry.Score), StringComparer.Ordinal);
        }
    }

    public void Commit(LeaderboardSubmission submission)
    {
        lock (_entries)
            _entries.TryAdd(submission.SubmissionId, submission);
    }

    public async IAsyncEnumerable<LeaderboardSubmission> ReadAsync(string board, [EnumeratorCancellation] CancellationToken ct)
    {
        Interlocked.Increment(ref _reads);
        LeaderboardSubmission[] snapshot;
        lock (_entries)
            snapshot = [.. _entries.Values];
        foreach (var submission in snapshot)
        {
            await Task.Yield();
            yield return submission;
        }
    }
}
