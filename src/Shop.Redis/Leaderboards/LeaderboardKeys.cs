using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Leaderboards;

/// <summary>
/// The keys of one board. All carry the hash tag <c>{name}</c>. Losing any of them together with the marker costs a
/// rebuild from the ledger (without a ledger: the scores). Losing one of them alone, by an eviction policy that takes
/// keys without expiry or by hand, goes unnoticed until <see cref="Leaderboard.RebuildAsync"/>: run boards under
/// <c>noeviction</c>.
/// <list type="table">
/// <item><term><c>…board:{name}</c></term><description>STRING, the marker: <c>built:…</c> or <c>building:…:token</c>; no expiry.</description></item>
/// <item><term><c>…board:{name}:all</c>, <c>:day:20260131</c>, <c>:week:20260126</c>, <c>:season:id</c></term><description>ZSET, the order (see order.lua); all-time has no expiry, the others <see cref="LeaderboardOptions.KeepEnded"/> after their end. The same for the three below.</description></item>
/// <item><term><c>…:all:state</c></term><description>HASH player → <c>score time</c>.</description></item>
/// <item><term><c>…:all:distinct</c>, <c>…:all:counts</c></term><description>ZSET of distinct scores and HASH score → players with it; dense ranks only.</description></item>
/// <item><term><c>…board:{name}:seen:20260131</c></term><description>SET, ids of the submissions of that day; expires after <see cref="LeaderboardOptions.RememberSubmissions"/> and three days.</description></item>
/// <item><term><c>…board:{name}:sum</c></term><description>STRING, scratch within one script.</description></item>
/// </list>
/// </summary>
internal sealed class LeaderboardKeys(string keyPrefix, LeaderboardOptions options)
{
    private readonly string _name = $"{keyPrefix}board:{{{options.Name}}}";
    private readonly bool _dense = options.Ranking == LeaderboardRanking.Dense;

    public RedisKey Marker => _name;

    public RedisKey Sum => $"{_name}:sum";

    public RedisKey Seen(DateTime day) => $"{_name}:seen:{Text(day)}";

    /// <summary>Board, state and, for dense ranks, distinct and counts.</summary>
    public RedisKey[] Of(LeaderboardPeriod period)
    {
        var board = $"{_name}:{period.Id}";
        return _dense
            ? [board, $"{board}:state", $"{board}:distinct", $"{board}:counts"]
            : [board, $"{board}:state"];
    }

    public static string Text(DateTime day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
