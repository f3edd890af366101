using Microsoft.Extensions.Logging;

namespace Shop.Redis.Leaderboards;

/// <summary>What somebody on call wants to know about leaderboards.</summary>
internal static partial class LeaderboardLog
{
    [LoggerMessage(1, LogLevel.Warning, "The board '{Board}' is not in Redis, or a rebuild was asked for: building it from the ledger (token {Token})")]
    public static partial void BuildBegun(this ILogger logger, string board, long token);

    [LoggerMessage(2, LogLevel.Information, "The board '{Board}' is built: {Count} submissions in {Duration}")]
    public static partial void Built(this ILogger logger, string board, long count, TimeSpan duration);

    [LoggerMessage(3, LogLevel.Warning, "Building the board '{Board}' was interrupted by a wipe, or by another builder; it begins anew if it is still needed")]
    public static partial void BuildInterrupted(this ILogger logger, string board);

    [LoggerMessage(4, LogLevel.Error, "The board '{Board}' leaves out the submission '{SubmissionId}' of its ledger: {Problem}")]
    public static partial void LedgerEntryLeftOut(this ILogger logger, string board, string submissionId, string problem);
}
