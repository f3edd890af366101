namespace Shop.Redis.Leaderboards;

/// <summary>A score that a player reached.</summary>
/// <param name="Member">The player.</param>
/// <param name="Score">Any 64-bit integer.</param>
/// <param name="SubmissionId">Counts once. A repeat carries the same values, its time included.</param>
/// <param name="At">When; decides the windows and who was first. Kept in microseconds.</param>
public sealed record LeaderboardSubmission(string Member, long Score, string SubmissionId, DateTimeOffset At);

/// <summary>A place on the board.</summary>
/// <param name="Rank">1 is the best; see <see cref="LeaderboardRanking"/>.</param>
/// <param name="Member">The player.</param>
/// <param name="Score">The player's score in the window.</param>
public sealed record LeaderboardEntry(long Rank, string Member, long Score);

/// <summary>What became of a submission.</summary>
/// <param name="Status">Whether it counts.</param>
/// <param name="Moved">Whether it changed the player's score or time in any window.</param>
public sealed record SubmitResult(SubmitStatus Status, bool Moved);

/// <summary>Whether a submission counts.</summary>
public enum SubmitStatus
{
    /// <summary>It counts, from this call on.</summary>
    Counted,

    /// <summary>It counts already: by an earlier call, or by a rebuild that found it in the ledger.</summary>
    Repeated,

    /// <summary>
    /// Only for sums: its time lies further back than ids are remembered (<see cref="LeaderboardOptions.RememberSubmissions"/>),
    /// so it cannot be told from a repeat, and was left out. <see cref="Leaderboard.RebuildAsync"/> counts it from the ledger.
    /// </summary>
    TooOld,
}

/// <summary>The application's durable record of submissions, from which a board is built again after Redis lost it.</summary>
public interface ILeaderboardLedger
{
    /// <summary>
    /// Reads every submission of <paramref name="board"/>, each exactly once, in any order, as one consistent snapshot
    /// that is not older than this call. A submission must be in the ledger (committed) before it is given to
    /// <see cref="Leaderboard.SubmitAsync"/>: then a rebuild at any moment loses none and counts none twice.
    /// </summary>
    IAsyncEnumerable<LeaderboardSubmission> ReadAsync(string board, CancellationToken ct);
}
