namespace Shop.Redis.Leaderboards;

/// <summary>What a board is. <see cref="Name"/> and <see cref="Mode"/> stay for its life; after a change of the others call <see cref="Leaderboard.RebuildAsync"/> once.</summary>
public sealed class LeaderboardOptions
{
    /// <summary>The board's name, part of its keys; 1 to 200 characters, not beginning with <c>}</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Which of a player's submissions stands. Default: the best.</summary>
    public LeaderboardMode Mode { get; init; } = LeaderboardMode.Best;

    /// <summary>The windows that are kept, each once. Default: all time only. Every window costs about 220 bytes per player in it.</summary>
    public IReadOnlyList<LeaderboardWindow> Windows { get; init; } = [LeaderboardWindow.AllTime];

    /// <summary>How equal scores share ranks. Default: they do not.</summary>
    public LeaderboardRanking Ranking { get; init; } = LeaderboardRanking.Ordinal;

    /// <summary>The seasons, in order and without overlap; needed for <see cref="LeaderboardWindow.Season"/>. Times between two seasons belong to none.</summary>
    public IReadOnlyList<LeaderboardSeason> Seasons { get; init; } = [];

    /// <summary>How long a day, week or season can still be read, and take late submissions, after its end. Default 1 day; 0 drops it at its end.</summary>
    public TimeSpan KeepEnded { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// For how long a submission's id is remembered, counted from the day of its time. Default 7 days, at most 366; about
    /// 90 bytes per submission. Choose it longer than the longest time after which a submission can be delivered again.
    /// Older ones: a sum refuses them (<see cref="SubmitStatus.TooOld"/>); the best and the latest take them, since a
    /// repeat changes nothing there.
    /// </summary>
    public TimeSpan RememberSubmissions { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Throws when a setting is out of range; <see cref="Leaderboard"/> calls it.</summary>
    /// <exception cref="ArgumentException">The message names the setting and its value.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > 200 || Name[0] == '}')
            throw new ArgumentException($"{nameof(Name)} is '{Name}': a board's name has 1 to 200 characters and does not begin with '}}'.");
        if (Windows.Count == 0 || Windows.Distinct().Count() != Windows.Count)
            throw new ArgumentException($"{nameof(Windows)} is [{string.Join(", ", Windows)}]: name at least one window, and each once.");
        if (Windows.Contains(LeaderboardWindow.Season) != Seasons.Count > 0)
            throw new ArgumentException($"{nameof(Windows)} is [{string.Join(", ", Windows)}] and {nameof(Seasons)} has {Seasons.Count} entries: the window Season needs seasons, and seasons need the window.");
        if (KeepEnded < TimeSpan.Zero || KeepEnded > TimeSpan.FromDays(366))
            throw new ArgumentException($"{nameof(KeepEnded)} is {KeepEnded}: 0 to 366 days.");
        if (RememberSubmissions < TimeSpan.Zero || RememberSubmissions > TimeSpan.FromDays(366))
            throw new ArgumentException($"{nameof(RememberSubmissions)} is {RememberSubmissions}: 0 to 366 days.");
        for (var i = 0; i < Seasons.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(Seasons[i].Id) || Seasons[i].End <= Seasons[i].Start)
                throw new ArgumentException($"The season {Seasons[i]} needs an id and an end after its start.");
            if (i > 0 && Seasons[i].Start < Seasons[i - 1].End)
                throw new ArgumentException($"The season {Seasons[i]} begins before {Seasons[i - 1]} ends.");
            if (Seasons.Take(i).Any(season => season.Id == Seasons[i].Id))
                throw new ArgumentException($"The season id '{Seasons[i].Id}' is used twice.");
        }
    }
}

/// <summary>A season of a board.</summary>
/// <param name="Id">Part of its keys; must stay.</param>
/// <param name="Start">Its first moment.</param>
/// <param name="End">The first moment after it. When it is put off, put it off before the season's keys expire.</param>
public sealed record LeaderboardSeason(string Id, DateTimeOffset Start, DateTimeOffset End);
