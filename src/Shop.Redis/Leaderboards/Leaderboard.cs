using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Shop.Redis.Leaderboards;

/// <summary>
/// A leaderboard in Redis, exact for every 64-bit score, with the application's ledger as the truth behind it.
/// <para>
/// A ZSET orders by a double, which is exact to 2^53 only. Here the double is no more than a fast first look: among equal
/// doubles Redis compares members byte by byte, and a member begins with what is missing (the score's digits where it
/// has 16 or more, then the time in microseconds, then the name), so the order is exact, and equal scores go to who was
/// first. A hash finds a player's entry. A submission is one script over all windows; its id is kept in a set named
/// after the day of its own time, so a repeat looks where the first one left its mark, whenever it comes, and so does a
/// rebuild. A marker key says that the board is built: a wipe takes it away, every script notices, and the board is
/// built from the ledger by one process under a lock, while the others wait (reads) or go on (submissions). An empty
/// board has a marker.
/// </para>
/// <para>
/// The price: an entry and a hash field per player and window, about 220 bytes with a name of 20, twice a bare ZSET. What
/// a marker cannot see is the loss of the last moment alone, by a failover to a replica that was behind or a power cut
/// (AOF synced each second): call <see cref="RebuildAsync"/> after one.
/// </para>
/// </summary>
/// <remarks>Thread-safe. Every operation is one round trip, unless the board is missing.</remarks>
public sealed class Leaderboard
{
    private const int MaxEntries = 100_000;

    private static readonly RedisScript Page = RedisScript.Load<Leaderboard>("order.lua", "page.lua");
    private static readonly RedisScript Among = RedisScript.Load<Leaderboard>("among.lua");
    private static readonly RedisScript Percentile = RedisScript.Load<Leaderboard>("order.lua", "percentile.lua");

    private readonly IDatabase _database;
    private readonly LeaderboardOptions _options;
    private readonly TimeProvider _clock;
    private readonly LeaderboardKeys _keys;
    private readonly LeaderboardCalendar _calendar;
    private readonly LeaderboardMarker _marker;
    private readonly LeaderboardSubmitter _submitter;
    private readonly LeaderboardBuilder _builder;
    private readonly RedisValue _ranking;
    private readonly DateTimeOffset? _asOf;

    /// <summary>A board of <paramref name="options"/> in <paramref name="redis"/>.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="keyPrefix">Before every key, for example <c>shop:</c>.</param>
    /// <param name="options">What the board is.</param>
    /// <param name="ledger">Where it is rebuilt from. Without one a wipe costs the scores, and the board begins empty.</param>
    /// <param name="clock">Says which day it is.</param>
    /// <param name="logger">Told of rebuilds. None when null.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Leaderboard(IConnectionMultiplexer redis, string keyPrefix, LeaderboardOptions options, ILeaderboardLedger? ledger = null, TimeProvider? clock = null, ILogger<Leaderboard>? logger = null)
    {
        options.Validate();
        _database = redis.GetDatabase();
        _options = options;
        _clock = clock ?? TimeProvider.System;
        _keys = new LeaderboardKeys(keyPrefix, options);
        _calendar = new LeaderboardCalendar(options);
        _marker = new LeaderboardMarker(options);
        _submitter = new LeaderboardSubmitter(options, _keys, _calendar, _marker);
        _builder = new LeaderboardBuilder(redis, keyPrefix, options, _keys, _calendar, _marker, _submitter, ledger, _clock, logger ?? NullLogger<Leaderboard>.Instance);
        _ranking = options.Ranking.ToString().ToLowerInvariant();
    }

    private Leaderboard(Leaderboard other, DateTimeOffset asOf)
    {
        (_database, _options, _clock, _keys, _calendar) = (other._database, other._options, other._clock, other._keys, other._calendar);
        (_marker, _submitter, _builder, _ranking, _asOf) = (other._marker, other._submitter, other._builder, other._ranking, asOf);
    }

    /// <summary>The same board, read as of <paramref name="when"/>: yesterday's winners, last week's (see <see cref="LeaderboardOptions.KeepEnded"/>).</summary>
    public Leaderboard AsOf(DateTimeOffset when) => new(this, when);

    /// <summary>
    /// Counts a submission, once, in every window that contains <paramref name="at"/>. One script. The submission is in
    /// the ledger already. May be repeated with the same values.
    /// </summary>
    /// <param name="member">The player; 1 to 256 characters.</param>
    /// <param name="score">Any 64-bit integer.</param>
    /// <param name="submissionId">Unique on the board; 1 to 256 characters.</param>
    /// <param name="at">When the score was reached, not more than a day ahead of the clock. Decides the windows and who was first.</param>
    /// <param name="ct">Ends the wait; the submission may still be counted.</param>
    /// <exception cref="OverflowException">In the mode Sum, the sum in one of the windows would not fit 64 bits. Nothing was counted.</exception>
    /// <exception cref="ArgumentException">The member, the id or the time is out of range.</exception>
    /// <exception cref="InvalidOperationException">The board in Redis was built for other options.</exception>
    public async Task<SubmitResult> SubmitAsync(string member, long score, string submissionId, DateTimeOffset at, CancellationToken ct = default)
    {
        var now = _clock.GetUtcNow();
        var submission = new LeaderboardSubmission(member, score, submissionId, at);
        if (LeaderboardSubmissions.Problem(submission, now) is { } problem)
            throw new ArgumentException($"The board '{_options.Name}' cannot count this submission: {problem}.");
        if (_options.Mode == LeaderboardMode.Sum && LeaderboardCalendar.Day(at) < _calendar.FirstRemembered(now))
        {
            LeaderboardTelemetry.Submitted(_options.Name, "too_old");
            return new SubmitResult(SubmitStatus.TooOld, Moved: false);
        }

        using var activity = LeaderboardTelemetry.Start("leaderboard submit", _options.Name);
        while (true)
        {
            var reply = await _submitter.SubmitAsync(_database, submission, now).WaitAsync(ct).ConfigureAwait(false);
            if (reply.Resp2Type == ResultType.Integer)
                return Result(submission, (int)reply);
            await BuildAsync(reply, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Where <paramref name="member"/> stands; null when not on the board. One script: HGET, ZRANK, ZRANGE.</summary>
    public async Task<LeaderboardEntry?> RankAsync(LeaderboardWindow window, string member, CancellationToken ct = default) =>
        await AroundAsync(window, member, 0, ct).ConfigureAwait(false) is [var entry] ? entry : null;

    /// <summary>The best <paramref name="count"/> (0 to 100 000), best first. One script: ZRANGE.</summary>
    public Task<IReadOnlyList<LeaderboardEntry>> TopAsync(LeaderboardWindow window, int count, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxEntries);
        return PageAsync("leaderboard top", window, "", count, ct);
    }

    /// <summary>
    /// <paramref name="member"/> with up to <paramref name="radius"/> (0 to 100 000) neighbours on each side, best first;
    /// empty when not on the board. One script: HGET, ZRANK, ZRANGE, and ZCOUNT for shared ranks.
    /// </summary>
    public Task<IReadOnlyList<LeaderboardEntry>> AroundAsync(LeaderboardWindow window, string member, int radius, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(member);
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(radius, MaxEntries);
        return PageAsync("leaderboard around", window, member, radius, ct);
    }

    /// <summary>The board of these players alone: those of <paramref name="members"/> (up to 100 000) who are on the board, ranked among themselves. One script: HMGET.</summary>
    public async Task<IReadOnlyList<LeaderboardEntry>> AmongAsync(LeaderboardWindow window, IReadOnlyCollection<string> members, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(members.Count, MaxEntries);
        if (KeysOf(window) is not { } keys || members.Count == 0)
            return [];

        using var activity = LeaderboardTelemetry.Start("leaderboard among", _options.Name);
        string[] names = [.. members.Distinct(StringComparer.Ordinal)];
        RedisValue[] arguments = [_marker.Built, .. names.Select(static name => (RedisValue)name)];
        var held = (RedisValue[])(await ReadAsync(Among, [_keys.Marker, keys[1]], arguments, ct).ConfigureAwait(false))!;
        var players = new List<(string Member, long Score, string Time)>(names.Length);
        for (var i = 0; i < held.Length; i++)
        {
            if (held[i].IsNullOrEmpty)
                continue;
            var (score, time) = LeaderboardText.State(held[i]);
            players.Add((names[i], score, time));
        }

        players.Sort(static (one, other) =>
            other.Score.CompareTo(one.Score) is not 0 and var byScore ? byScore
            : string.CompareOrdinal(one.Time, other.Time) is not 0 and var byTime ? byTime
            : LeaderboardText.CompareNames(one.Member, other.Member));
        return LeaderboardRanks.Assign(players.ConvertAll(static player => (player.Member, player.Score)), 1, 1, _options.Ranking);
    }

    /// <summary>
    /// The percentage of the other players whose score is lower than <paramref name="member"/>'s: 100 for an undivided
    /// first, 0 for the last, and 100 for the only one. Null when not on the board. One script: HGET, ZCARD, ZCOUNT.
    /// </summary>
    public async Task<double?> PercentileAsync(LeaderboardWindow window, string member, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(member);
        if (KeysOf(window) is not { } keys)
            return null;

        using var activity = LeaderboardTelemetry.Start("leaderboard percentile", _options.Name);
        var reply = (RedisValue[])(await ReadAsync(Percentile, [_keys.Marker, keys[0], keys[1]], [_marker.Built, member], ct).ConfigureAwait(false))!;
        return reply is [var beaten, var all]
            ? (long)all == 1 ? 100 : 100d * (long)beaten / ((long)all - 1)
            : null;
    }

    /// <summary>
    /// Clears the board and builds it from the ledger: after a change of options, or when Redis may have lost its last
    /// moments. It also happens by itself when the board is missing. Submissions go on meanwhile, and none is lost or
    /// counted twice; reads wait. Without a ledger the board is empty afterwards. May be called again, and by several
    /// processes: they take turns.
    /// </summary>
    public Task RebuildAsync(CancellationToken ct = default) => _builder.RebuildAsync(ct);

    private async Task<IReadOnlyList<LeaderboardEntry>> PageAsync(string operation, LeaderboardWindow window, string member, int reach, CancellationToken ct)
    {
        if (KeysOf(window) is not { } keys)
            return [];

        using var activity = LeaderboardTelemetry.Start(operation, _options.Name);
        RedisKey[] all = keys.Length == 2 ? [_keys.Marker, keys[0], keys[1]] : [_keys.Marker, keys[0], keys[1], keys[2]];
        var reply = (RedisValue[])(await ReadAsync(Page, all, [_marker.Built, member, reach, _ranking], ct).ConfigureAwait(false))!;
        if (reply.Length == 0)
            return [];

        var players = new List<(string Member, long Score)>((reply.Length - 2) / 2);
        for (var i = 2; i < reply.Length; i += 2)
            players.Add(LeaderboardText.Entry(reply[i]!, (double)reply[i + 1]));
        return LeaderboardRanks.Assign(players, (long)reply[0], (long)reply[1], _options.Ranking);
    }

    private async Task<RedisResult> ReadAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken ct)
    {
        while (true)
        {
            var reply = await script.EvaluateAsync(_database, keys, arguments).WaitAsync(ct).ConfigureAwait(false);
            if (reply.Resp2Type == ResultType.Array)
                return reply;
            await BuildAsync(reply, ct).ConfigureAwait(false);
        }
    }

    // The script answered with the marker instead: missing, being built, or built for something else.
    private Task BuildAsync(RedisResult state, CancellationToken ct)
    {
        _marker.ThrowIfForeign((RedisValue)state, _options.Name);
        return _builder.EnsureBuiltAsync(ct);
    }

    // The board's keys in the window; null between seasons.
    private RedisKey[]? KeysOf(LeaderboardWindow window)
    {
        if (!_options.Windows.Contains(window))
            throw new ArgumentException($"The board '{_options.Name}' keeps [{string.Join(", ", _options.Windows)}], not {window}.", nameof(window));
        return _calendar.Period(window, _asOf ?? _clock.GetUtcNow()) is { } period ? _keys.Of(period) : null;
    }

    private SubmitResult Result(LeaderboardSubmission submission, int reply)
    {
        if (reply == LeaderboardSubmissions.Overflow)
        {
            LeaderboardTelemetry.Submitted(_options.Name, "overflow");
            throw new OverflowException($"The submission '{submission.SubmissionId}' of {submission.Score} would take the sum of '{submission.Member}' on the board '{_options.Name}' out of 64 bits; it was not counted.");
        }

        var repeated = reply == LeaderboardSubmissions.Repeated;
        LeaderboardTelemetry.Submitted(_options.Name, repeated ? "repeated" : "counted");
        return new SubmitResult(repeated ? SubmitStatus.Repeated : SubmitStatus.Counted, Moved: reply == LeaderboardSubmissions.Moved);
    }
}
