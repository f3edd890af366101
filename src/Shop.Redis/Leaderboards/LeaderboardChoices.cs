namespace Shop.Redis.Leaderboards;

/// <summary>Which of a player's submissions stands on the board. Each is decided by the set of submissions, not by the order of their arrival.</summary>
public enum LeaderboardMode
{
    /// <summary>The highest; of equal ones the earliest.</summary>
    Best,

    /// <summary>The one with the latest time; of equal times the highest score.</summary>
    Latest,

    /// <summary>The sum of all, in 64 bits, reached when the latest of them came.</summary>
    Sum,
}

/// <summary>The time that a board looks back on, in UTC. A submission belongs to the windows that contain its own time.</summary>
public enum LeaderboardWindow
{
    /// <summary>Everything.</summary>
    AllTime,

    /// <summary>One day.</summary>
    Day,

    /// <summary>One week, from Monday.</summary>
    Week,

    /// <summary>One of <see cref="LeaderboardOptions.Seasons"/>.</summary>
    Season,
}

/// <summary>How equal scores share ranks. The order on the board is always the same: by score, then by who was first, then by name.</summary>
public enum LeaderboardRanking
{
    /// <summary>1, 2, 3, 4: who was first ranks higher.</summary>
    Ordinal,

    /// <summary>1, 2, 2, 4: equal scores share the rank, and the next one counts those before it.</summary>
    Competition,

    /// <summary>1, 2, 2, 3: equal scores share the rank, and none is left out. Costs an entry more for each distinct score.</summary>
    Dense,
}
