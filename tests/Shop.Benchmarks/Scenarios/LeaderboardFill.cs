using Shop.Redis.Leaderboards;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

/// <summary>
/// Fills a board and a plain sorted set with the same players inside Redis, since ten million calls would take minutes. It runs the
/// library's own order.lua in front, and the scenario checks the result through the library.
/// </summary>
internal static class LeaderboardFill
{
    private const int Batch = 20_000;

    private const string Script =
        """
        -- KEYS: board, its state, plain set. ARGV: first player, last player, time
        for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
          local player, score = 'p' .. i, string.format('%.0f', i * 7 + 10)
          local rank, front = place(score)
          redis.call('ZADD', KEYS[1], rank, front .. ARGV[3] .. player)
          redis.call('HSET', KEYS[2], player, score .. ' ' .. ARGV[3])
          redis.call('ZADD', KEYS[3], score, player)
        end
        return redis.call('ZCARD', KEYS[1])
        """;

    public static async Task RunAsync(IDatabase database, RedisKey board, RedisKey plain, int players, CancellationToken cancellationToken)
    {
        await using var resource = typeof(Leaderboard).Assembly.GetManifestResourceStream("Shop.Redis.Leaderboards.order.lua")!;
        using var reader = new StreamReader(resource);
        var script = await reader.ReadToEndAsync(cancellationToken) + "\n" + Script;
        for (var first = 1; first <= players; first += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await database.ScriptEvaluateAsync(script, [board, $"{board}:state", plain], [first, Math.Min(first + Batch - 1, players), "0006462f5a000"]);
        }
    }
}
