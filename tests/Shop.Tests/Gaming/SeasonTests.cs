using System.Globalization;
using Shop.Gaming.Seasons;
using Shop.Redis.Leaderboards;
using Xunit;

namespace Shop.Tests.Gaming;

public sealed class SeasonTests
{
    [Theory]
    [InlineData("2026-11-01T00:00:00Z", "2026-11", "2026-12-01T00:00:00Z")]
    [InlineData("2026-11-30T23:59:59.999Z", "2026-11", "2026-12-01T00:00:00Z")]
    [InlineData("2026-12-31T23:00:00-02:00", "2027-01", "2027-02-01T00:00:00Z")]
    [InlineData("2028-02-29T12:00:00Z", "2028-02", "2028-03-01T00:00:00Z")]
    public void A_season_is_a_calendar_month_in_utc(string at, string id, string end)
    {
        var season = Season.Of(At(at));

        Assert.Equal((id, At(end)), (season.Id, season.End));
        Assert.Equal(season, Season.Parse(id));
        Assert.Equal(season, season.Next.Previous);
    }

    [Fact]
    public void A_board_knows_the_seasons_from_the_last_one_on_without_a_gap_for_as_long_as_a_process_lives()
    {
        var seasons = Season.AroundNow(At("2026-11-05T12:00:00Z"));

        Assert.Equal("2026-10", seasons[0].Id);
        Assert.All(seasons.Zip(seasons.Skip(1)), static pair => Assert.Equal(pair.First.End, pair.Second.Start));
        Assert.True(seasons[^1].End > At("2036-01-01T00:00:00Z"));
        new LeaderboardOptions { Name = "b", Windows = [LeaderboardWindow.Season], Seasons = seasons }.Validate();
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
