namespace Shop.Redis.Leaderboards;

/// <summary>What a submission must be like, and what submit.lua answers.</summary>
internal static class LeaderboardSubmissions
{
    public const int Overflow = -1;
    public const int Repeated = 0;
    public const int Moved = 2;

    /// <summary>Why <paramref name="submission"/> cannot be counted, or null.</summary>
    public static string? Problem(LeaderboardSubmission submission, DateTimeOffset now) => submission switch
    {
        { Member: null or "" or { Length: > 256 } } => $"the member '{submission.Member}' must have 1 to 256 characters",
        { SubmissionId: null or "" or { Length: > 256 } } => $"the submission id '{submission.SubmissionId}' must have 1 to 256 characters",
        _ when submission.At < DateTimeOffset.UnixEpoch || submission.At >= LeaderboardText.EndOfTime => $"the time {submission.At:O} is not between 1970 and {LeaderboardText.EndOfTime:yyyy}",
        _ when submission.At > now.AddDays(1) => $"the time {submission.At:O} is more than a day ahead of {now:O}: a clock is wrong",
        _ => null,
    };
}
