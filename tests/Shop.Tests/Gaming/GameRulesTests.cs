using System.Globalization;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Shop.Contracts.Gaming;
using Shop.Gaming.Runs;
using Xunit;

namespace Shop.Tests.Gaming;

public sealed class GameRulesTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.Parse("2026-11-25T12:00:00Z", CultureInfo.InvariantCulture);

    private readonly GameRules _rules = new() { Duration = TimeSpan.FromSeconds(60), MinTime = TimeSpan.FromSeconds(10), Expiry = TimeSpan.FromMinutes(5), MaxPointsPerSecond = 40 };

    [Theory]
    [InlineData(9.999, 0, RunRefusalReason.TooFast)]
    [InlineData(-1, 0, RunRefusalReason.TooFast)]
    [InlineData(10, 400, null)]
    [InlineData(10, 401, RunRefusalReason.TooHigh)]
    [InlineData(30.5, 1220, null)]
    [InlineData(30.5, 1221, RunRefusalReason.TooHigh)]
    [InlineData(60, 2400, null)]
    [InlineData(300, 2400, null)]
    [InlineData(300, 2401, RunRefusalReason.TooHigh)] // a pause brings no points
    [InlineData(300.001, 0, RunRefusalReason.Expired)]
    [InlineData(60, long.MaxValue, RunRefusalReason.TooHigh)]
    public void A_score_is_judged_by_the_time_of_its_run(double seconds, long score, RunRefusalReason? expected) =>
        Assert.Equal(expected, _rules.Judge(Start, score, Start.AddSeconds(seconds))?.Reason);

    [Fact]
    public void A_refusal_names_both_values() =>
        Assert.Equal("The score is 2401; nobody makes more than 2400 points in 60 seconds of this game.", _rules.Judge(Start, 2401, Start.AddSeconds(90))!.Detail);

    [Fact]
    public void No_score_is_too_high_for_a_game_without_a_limit() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Double[1, 300]).Sample((score, seconds) =>
            new GameRules { MinTime = TimeSpan.Zero, MaxPointsPerSecond = long.MaxValue }.Judge(Start, score, Start.AddSeconds(seconds)) is null);

    [Fact]
    public void A_lower_score_and_a_longer_run_never_make_an_accepted_score_too_high() =>
        Gen.Select(Gen.Long[0, 3000], Gen.Long[0, 3000], Gen.Double[10, 300], Gen.Double[10, 300]).Sample((one, other, first, second) =>
            _rules.Judge(Start, Math.Max(one, other), Start.AddSeconds(Math.Min(first, second))) is not null
            || _rules.Judge(Start, Math.Min(one, other), Start.AddSeconds(Math.Max(first, second))) is null);

    [Fact]
    public void The_shop_offers_the_parcels_and_what_is_configured_and_nothing_else()
    {
        var games = GameCatalogue.From(Section(("parcels:MaxPointsPerSecond", "7"), ("memory:Title", "Memory"), ("memory:Duration", "00:00:05")));

        Assert.Equal(("Catch the parcels", 7L), (games.Find("parcels")!.Title, games.Find("parcels")!.MaxPointsPerSecond));
        Assert.Equal(TimeSpan.FromSeconds(5), games.Find("memory")!.Duration);
        Assert.Null(games.Find("my-own-game"));
        Assert.Null(games.Find("loyalty"));
        Assert.True(games.HasBoard("loyalty") && games.HasBoard("memory") && !games.HasBoard("my-own-game"));
    }

    [Theory]
    [InlineData("loyalty:Title", "x", "loyalty")]
    [InlineData("No Spaces:Title", "x", "No Spaces")]
    [InlineData("parcels:Duration", "00:00:00", "Duration is 00:00:00")]
    [InlineData("parcels:MinTime", "00:02:00", "MinTime is 00:02:00 and Duration 00:01:00")]
    [InlineData("parcels:Expiry", "00:00:30", "Expiry is 00:00:30 and Duration 00:01:00")]
    [InlineData("parcels:MaxPointsPerSecond", "0", "MaxPointsPerSecond is 0")]
    public void A_game_that_cannot_be_stops_the_start(string key, string value, string said) =>
        Assert.Contains(said, Assert.Throws<ArgumentException>(() => GameCatalogue.From(Section((key, value)))).Message, StringComparison.Ordinal);

    private static IConfigurationRoot Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(static pair => pair.Key, static pair => (string?)pair.Value, StringComparer.Ordinal)).Build();
}
