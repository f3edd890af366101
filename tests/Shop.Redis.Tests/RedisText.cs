using System.Text;
using StackExchange.Redis;

namespace Shop.Redis.Tests;

/// <summary>What Redis holds under a prefix, on every node.</summary>
internal static class RedisText
{
    public static async Task<IReadOnlyList<RedisKey>> KeysAsync(IConnectionMultiplexer redis, string prefix)
    {
        var keys = new List<RedisKey>();
        foreach (var node in redis.GetServers())
        {
            await foreach (var key in node.KeysAsync(pattern: $"{prefix}*"))
                keys.Add(key);
        }

        return keys;
    }

    /// <summary>The names of all keys, and the fields of those that are hashes.</summary>
    public static async Task<string> DumpAsync(IConnectionMultiplexer redis, string prefix)
    {
        var text = new StringBuilder();
        foreach (var key in await KeysAsync(redis, prefix))
        {
            text.Append((string)key!).Append('\n');
            if (await redis.GetDatabase().KeyTypeAsync(key) != RedisType.Hash)
                continue;
            foreach (var entry in await redis.GetDatabase().HashGetAllAsync(key))
                text.Append((string)entry.Name!).Append('=').Append((string)entry.Value!).Append('\n');
        }

        return text.ToString();
    }
}
