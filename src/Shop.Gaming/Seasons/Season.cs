using System.Globalization;
using Shop.Redis.Leaderboards;

namespace Shop.Gaming.Seasons;

/// <summary>A season: a calendar month in UTC.</summary>
/// <param name="Start">Its first moment.</param>
public readonly record struct Season(DateTimeOffset Start)
{
    private const string Format = "yyyy-MM";

    /// <summary>For example <c>2026-11</c>.</summary>
    public string Id => Start.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>The first moment after it.</summary>
    public DateTimeOffset End => Start.AddMonths(1);

    public Season Next => new(End);

    public Season Previous => new(Start.AddMonths(-1));

    /// <summary>The season that contains <paramref name="at"/>.</summary>
    public static Season Of(DateTimeOffset at) => new(new DateTimeOffset(at.UtcDateTime.Year, at.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The season of an id.</summary>
    public static Season Parse(string id) => Of(DateTimeOffset.ParseExact(id, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    /// <summary>The seasons that a board in Redis may be asked for: the one before <paramref name="now"/>, which is kept for a while, and as many to come as a process may live to see.</summary>
    public static IReadOnlyList<LeaderboardSeason> AroundNow(DateTimeOffset now)
    {
        const int TenYears = 120;
        var first = Of(now).Previous;
        return [.. Enumerable.Range(0, TenYears).Select(month => new Season(first.Start.AddMonths(month))).Select(static season => new LeaderboardSeason(season.Id, season.Start, season.End))];
    }

    public override string ToString() => Id;
}
