using Shop.Benchmarks.Harness;
using Shop.Redis.Leaderboards;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class LeaderboardSubmit : Scenario
{
    private const int Players = 100_000;
    private const string Ours = "three windows";
    private const string Raw = "raw ZADD";
    private const string RawThree = "raw ZADD × 3, pipelined";

    public override string Name => "leaderboard-submit";

    public override string Measures => "Submit a score to the windows of the day, the week and all time, counted once by its id, in one round trip; one caller, 100,000 players. Raw is ZADD GT, to one set or to three in one round trip.";

    public override int Order => 80;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(0.8, Ours, RawThree), Target.Ratio(0.8, Ours, Raw)];

    public override IReadOnlyList<Side> CreateSides() =>
    [
        new CallSide(Ours, ours: true, callers: 1, static (redis, prefix) =>
        {
            var board = new Leaderboard(redis, prefix, new LeaderboardOptions { Name = "game", Windows = [LeaderboardWindow.Day, LeaderboardWindow.Week, LeaderboardWindow.AllTime] });
            var players = Numbers.Of("player-", Players);
            return _ => board.SubmitAsync(players.Any(), Random.Shared.Next(1_000_000), Guid.CreateVersion7().ToString(), TimeProvider.System.GetUtcNow());
        }),
        new CallSide(RawThree, ours: false, callers: 1, static (redis, prefix) =>
        {
            var players = Numbers.Of("player-", Players);
            return _ =>
            {
                var (player, score) = (players.Any(), Random.Shared.Next(1_000_000));
                var database = redis.GetDatabase();
                return Task.WhenAll(
                    database.SortedSetAddAsync($"{prefix}day", player, score, SortedSetWhen.GreaterThan),
                    database.SortedSetAddAsync($"{prefix}week", player, score, SortedSetWhen.GreaterThan),
                    database.SortedSetAddAsync($"{prefix}all", player, score, SortedSetWhen.GreaterThan));
            };
        }),
        new CallSide(Raw, ours: false, callers: 1, static (redis, prefix) =>
        {
            var players = Numbers.Of("player-", Players);
            return _ => redis.GetDatabase().SortedSetAddAsync(prefix, players.Any(), Random.Shared.Next(1_000_000), SortedSetWhen.GreaterThan);
        }),
    ];
}
