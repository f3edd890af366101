using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Leaderboards;

/// <summary>The values of the marker key, which every script compares: they carry what the board was built for.</summary>
internal sealed class LeaderboardMarker
{
    public LeaderboardMarker(LeaderboardOptions options)
    {
        var windows = string.Join('+', options.Windows.Order());
        var shape = $"{options.Mode}/{windows}{(options.Ranking == LeaderboardRanking.Dense ? "/Dense" : "")}";
        Built = $"built:{shape}";
        AnyBuilding = $"building:{shape}:";
    }

    /// <summary>The board is complete.</summary>
    public string Built { get; }

    /// <summary>How the value begins while somebody builds the board.</summary>
    public string AnyBuilding { get; }

    /// <summary>The value while the builder with this token builds it.</summary>
    public string Building(long token) => AnyBuilding + token.ToString(CultureInfo.InvariantCulture);

    /// <summary>Throws when the board exists, but for other options.</summary>
    public void ThrowIfForeign(RedisValue state, string name)
    {
        var text = (string?)state;
        if (text is not null && text != Built && !text.StartsWith(AnyBuilding, StringComparison.Ordinal))
            throw new InvalidOperationException($"The board '{name}' is '{text}' in Redis, and this process has options for '{Built}'. Once every process has the same options, call RebuildAsync; or give the board another name.");
    }
}
