namespace Shop.Gaming.Scores;

/// <summary>A line of the ledger.</summary>
/// <param name="SubmissionId">Counts once.</param>
/// <param name="Board">The game, or loyalty.</param>
/// <param name="Customer">Who.</param>
/// <param name="Score">Points; negative when they are taken back.</param>
/// <param name="At">When, UTC; decides the windows and ties.</param>
public sealed record LedgerEntry(string SubmissionId, string Board, string Customer, long Score, DateTimeOffset At);
