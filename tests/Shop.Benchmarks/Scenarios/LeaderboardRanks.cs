using Shop.Benchmarks.Harness;
using Shop.Redis.Leaderboards;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class LeaderboardOfOneMillion() : LeaderboardRanks("leaderboard-1m", 1_000_000, order: 81);

internal sealed class LeaderboardOfTenMillion() : LeaderboardRanks("leaderboard-10m", 10_000_000, order: 82);

/// <summary>Reads of a board with many players.</summary>
internal abstract class LeaderboardRanks(string name, int players, int order) : Scenario
{
    private const string Rank = "rank";
    private const string Around = "±5 around me";
    private const string RawRank = "raw ZREVRANK";
    private const string RawAround = "raw ZREVRANK, ZREVRANGE";
    private const string Board = "game";
    private const string Prefix = "ours:";
    private static readonly RedisKey RawBoard = "raw:board";

    public override string Name => name;

    public override string Measures => $"Read one player's rank, and the five on each side, among {players:N0}; one caller.";

    public override int Order => order;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(0.8, Rank, RawRank), Target.Ratio(0.8, Around, RawAround)];

    public override async Task PrepareAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        await using var redis = await servers.ConnectAsync(cancellationToken);
        var board = Open(redis);
        await board.SubmitAsync("first", 1, "first", TimeProvider.System.GetUtcNow(), cancellationToken);
        await LeaderboardFill.RunAsync(redis.GetDatabase(), $"{Prefix}board:{{{Board}}}:all", RawBoard, players, cancellationToken);
        if (await board.RankAsync(LeaderboardWindow.AllTime, "p1", cancellationToken) is not { Rank: var rank } || rank != players)
            throw new InvalidOperationException("The board was not filled as the library fills it: the player with the least score is not the last but one.");
    }

    public override IReadOnlyList<Side> CreateSides() =>
    [
        Ours(Rank, static (board, player) => board.RankAsync(LeaderboardWindow.AllTime, player)),
        Ours(Around, static (board, player) => board.AroundAsync(LeaderboardWindow.AllTime, player, 5)),
        Raw(RawRank, static (redis, player) => redis.SortedSetRankAsync(RawBoard, player, StackExchange.Redis.Order.Descending)),
        Raw(RawAround, static async (redis, player) =>
        {
            var rank = (await redis.SortedSetRankAsync(RawBoard, player, StackExchange.Redis.Order.Descending))!.Value;
            await redis.SortedSetRangeByRankWithScoresAsync(RawBoard, Math.Max(0, rank - 5), rank + 5, StackExchange.Redis.Order.Descending);
        }, roundTrips: 2),
    ];

    private CallSide Ours(string what, Func<Leaderboard, string, Task> read) => new(what, ours: true, callers: 1, (redis, _) =>
    {
        var board = Open(redis);
        return _ => read(board, AnyPlayer());
    });

    // An operation is a round trip.
    private CallSide Raw(string what, Func<IDatabase, string, Task> read, int roundTrips = 1) => new(what, ours: false, callers: 1, (redis, _) => _ => read(redis.GetDatabase(), AnyPlayer()), roundTrips);

    private string AnyPlayer() => $"p{Random.Shared.Next(1, players + 1)}";

    private static Leaderboard Open(ConnectionMultiplexer redis) => new(redis, Prefix, new LeaderboardOptions { Name = Board });
}
