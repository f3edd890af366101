using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.Leaderboards;

/// <summary>The block's spans and metrics: source and meter <c>Shop.Redis.Leaderboards</c>.</summary>
internal static class LeaderboardTelemetry
{
    public const string Name = "Shop.Redis.Leaderboards";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Submissions = Meter.CreateCounter<long>("shop.leaderboards.submissions", "{submission}", "Submissions, by what became of them.");
    private static readonly Histogram<double> Rebuilds = Meter.CreateHistogram<double>("shop.leaderboards.rebuild", "s", "How long rebuilding a board from its ledger took.");

    /// <summary>A client span; null when nobody listens.</summary>
    public static Activity? Start(string operation, string board)
    {
        var activity = Source.StartActivity(operation, ActivityKind.Client);
        activity.IfRecorded()?.SetTag("db.system.name", "redis").SetTag("db.operation.name", operation).SetTag("shop.leaderboard", board);
        return activity;
    }

    public static void Submitted(string board, string outcome) =>
        Submissions.Add(1, new KeyValuePair<string, object?>("shop.leaderboard", board), new KeyValuePair<string, object?>("shop.leaderboard.outcome", outcome));

    public static void Rebuilt(string board, TimeSpan duration) =>
        Rebuilds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("shop.leaderboard", board));
}
