using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Shop.Redis.Leaderboards;

/// <summary>Reads what order.lua writes.</summary>
internal static class LeaderboardText
{
    /// <summary>The first moment whose time does not fit 13 hex digits of microseconds.</summary>
    public static readonly DateTimeOffset EndOfTime = DateTimeOffset.UnixEpoch.AddMicroseconds(1L << 52);

    private const int DigitsOfTime = 13;
    private const int DigitsOfScore = 19;
    private const double FirstInexact = 1e15;

    /// <summary>Microseconds since 1970 in 13 hex digits, which sort as they count.</summary>
    public static string Time(DateTimeOffset at) =>
        ((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString("x13", CultureInfo.InvariantCulture);

    /// <summary>Player and score of an entry of a board's ZSET.</summary>
    public static (string Member, long Score) Entry(string member, double rank)
    {
        if (Math.Abs(rank) < FirstInexact)
            return (member[DigitsOfTime..], (long)-rank);

        // The rank is the score negated, so a negative score has a positive rank, and its digits stand as they are.
        var digits = 0UL;
        foreach (var digit in member.AsSpan(0, DigitsOfScore))
            digits = (digits * 10) + (ulong)(rank > 0 ? digit - '0' : '9' - digit);
        return (member[(DigitsOfScore + DigitsOfTime)..], rank > 0 ? unchecked((long)(0 - digits)) : (long)digits);
    }

    /// <summary>Score and time of a player's state.</summary>
    public static (long Score, string Time) State(RedisValue held)
    {
        var text = (string)held!;
        var space = text.IndexOf(' ');
        return (long.Parse(text.AsSpan(0, space), CultureInfo.InvariantCulture), text[(space + 1)..]);
    }

    /// <summary>Redis's order of members: by their bytes in UTF-8.</summary>
    public static int CompareNames(string one, string other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));
}
