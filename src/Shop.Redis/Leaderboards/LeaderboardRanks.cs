namespace Shop.Redis.Leaderboards;

/// <summary>Gives ranks to a stretch of the board. Pure.</summary>
internal static class LeaderboardRanks
{
    /// <summary>Ranks <paramref name="players"/>, best first, of whom the first has the place and the rank given.</summary>
    public static LeaderboardEntry[] Assign(IReadOnlyList<(string Member, long Score)> players, long firstPlace, long firstRank, LeaderboardRanking ranking)
    {
        var entries = new LeaderboardEntry[players.Count];
        var rank = firstRank;
        for (var i = 0; i < entries.Length; i++)
        {
            var (member, score) = players[i];
            if (i > 0)
            {
                var shared = score == players[i - 1].Score;
                rank = ranking switch
                {
                    LeaderboardRanking.Dense => shared ? rank : rank + 1,
                    LeaderboardRanking.Competition => shared ? rank : firstPlace + i,
                    _ => rank + 1,
                };
            }

            entries[i] = new LeaderboardEntry(rank, member, score);
        }

        return entries;
    }
}
