using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.Sessions;

/// <summary>The block's spans and metrics: source and meter <c>Shop.Redis.Sessions</c>. Neither carries a secret, a hash or a user.</summary>
internal static class SessionTelemetry
{
    public const string Name = "Shop.Redis.Sessions";
    public const string FromCache = "cache";
    public const string FromTombstone = "tombstone";
    public const string FromVault = "vault";
    public const string FromNowhere = "malformed";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Reads = Meter.CreateCounter<long>("shop.sessions.reads", "{read}", "Sessions asked for, by where the answer came from and whether it was one.");
    private static readonly Counter<long> Starts = Meter.CreateCounter<long>("shop.sessions.started", "{session}", "Sessions begun.");
    private static readonly Counter<long> Ends = Meter.CreateCounter<long>("shop.sessions.ended", "{session}", "Sessions ended here: revoked, or given a new secret.");
    private static readonly Counter<long> Writes = Meter.CreateCounter<long>("shop.sessions.writes", "{write}", "Writes of fields, by what became of them.");
    private static readonly Counter<long> Touches = Meter.CreateCounter<long>("shop.sessions.touches", "{session}", "Uses noted in the vault.");
    private static readonly Counter<long> Doubts = Meter.CreateCounter<long>("shop.sessions.doubts", "{doubt}", "Times that Redis was no longer believed.");
    private static readonly Counter<long> Corrections = Meter.CreateCounter<long>("shop.sessions.corrected", "{session}", "Sessions that a sweep found out of date in Redis.");

    /// <summary>A client span over one operation; null when nobody listens.</summary>
    public static Activity? Start(string operation)
    {
        var activity = Source.StartActivity($"session {operation}", ActivityKind.Client);
        activity.IfRecorded()?.SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);
        return activity;
    }

    public static void Read(Activity? activity, string from, Session? session)
    {
        activity.IfRecorded()?.SetTag("shop.session.from", from).SetTag("shop.session.found", session is not null).SetTag("shop.session.id", session?.Id);
        Reads.Add(1, new("shop.session.from", from), new("shop.session.found", session is not null));
    }

    public static void Started() => Starts.Add(1);

    public static void Ended(int sessions, string reason) => Ends.Add(sessions, new KeyValuePair<string, object?>("shop.session.reason", reason));

    public static void Wrote(Activity? activity, SessionWriteStatus status)
    {
        activity.IfRecorded()?.SetTag("shop.session.outcome", status.ToString());
        Writes.Add(1, new KeyValuePair<string, object?>("shop.session.outcome", status.ToString()));
    }

    public static void Touched(int sessions) => Touches.Add(sessions);

    public static void Doubted() => Doubts.Add(1);

    public static void Corrected(int sessions) => Corrections.Add(sessions);
}
