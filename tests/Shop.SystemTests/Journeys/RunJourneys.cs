using System.Net;
using System.Text.Json;

namespace Shop.SystemTests.Journeys;

/// <summary>Runs and their scores over HTTP, and whoever watches the board meanwhile.</summary>
[Collection(nameof(SharedShop))]
public sealed class RunJourneys(ShopApp shop)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_says_how_long_it_is_and_until_when_its_score_is_taken()
    {
        using var ada = shop.Shopper();

        var (status, run) = await ada.CallAsync(HttpMethod.Post, "/api/games/parcels/runs", cancellationToken: Cancelled);

        Assert.Equal((HttpStatusCode.Created, 3d), (status, run.GetProperty("seconds").GetDouble()));
        Assert.True(run.GetProperty("expiresAt").GetDateTimeOffset() > run.GetProperty("startedAt").GetDateTimeOffset());
        Assert.True(run.GetProperty("seed").GetInt32() >= 0);
    }

    [Fact]
    public async Task A_score_without_a_token_names_the_field()
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.CallAsync(HttpMethod.Post, "/api/games/dash/scores", new { score = 1 }, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("token", out _), problem.ToString());
    }

    [Fact]
    public async Task A_score_of_a_run_that_never_was_is_refused()
    {
        using var ada = shop.Shopper();
        await RefusedAsync(ada, "dash", Guid.CreateVersion7(), 1, HttpStatusCode.NotFound, "NoSuchRun");
    }

    [Fact]
    public async Task A_score_of_somebody_elses_run_is_refused()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        await RefusedAsync(bob, "dash", await ada.StartRunAsync("dash", Cancelled), 1, HttpStatusCode.NotFound, "NoSuchRun");
    }

    [Fact]
    public async Task A_score_that_comes_too_fast_is_refused()
    {
        using var ada = shop.Shopper();
        await RefusedAsync(ada, "parcels", await ada.StartRunAsync("parcels", Cancelled), 1, HttpStatusCode.UnprocessableEntity, "TooFast");
    }

    [Fact]
    public async Task A_score_that_is_too_high_for_its_time_is_refused()
    {
        using var ada = shop.Shopper();
        var run = await ada.StartRunAsync("parcels", Cancelled);

        var answer = await Eventually.BecomesAsync(
            async () => (await ada.CallAsync(HttpMethod.Post, "/api/games/parcels/scores", new { score = 121, token = run }, cancellationToken: Cancelled)).Body,
            static problem => problem.GetProperty("reason").GetString() != "TooFast",
            "a run that could be over",
            TimeSpan.FromSeconds(30));

        Assert.Equal("TooHigh", answer.GetProperty("reason").GetString());
        Assert.Contains("more than 120 points in 3 seconds", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(answer.GetProperty("detail").GetString(), answer.GetProperty("errors").GetProperty("score")[0].GetString());
    }

    [Fact]
    public async Task A_second_score_for_a_run_is_refused()
    {
        using var ada = shop.Shopper();
        var run = await ada.StartRunAsync("relay", Cancelled);
        Assert.Equal(HttpStatusCode.OK, (await ada.CallAsync(HttpMethod.Post, "/api/games/relay/scores", new { score = 1, token = run }, cancellationToken: Cancelled)).Status);

        await RefusedAsync(ada, "relay", run, 2, HttpStatusCode.Conflict, "AlreadyScored");
    }

    [Fact]
    public async Task A_score_of_a_run_that_expired_is_refused()
    {
        using var ada = shop.Shopper();
        await RefusedAsync(ada, "gone", await ada.StartRunAsync("gone", Cancelled), 0, HttpStatusCode.Gone, "Expired");
    }

    [Theory]
    [InlineData("POST", "runs")]
    [InlineData("POST", "scores")]
    [InlineData("GET", "leaderboard")]
    [InlineData("GET", "leaderboard/me")]
    [InlineData("GET", "leaderboard/live")]
    [InlineData("GET", "seasons/2026-01")]
    public async Task A_game_that_somebody_invented_is_not_there(string method, string path)
    {
        using var ada = shop.Shopper();
        object? body = path == "scores" ? new { score = 1, token = Guid.CreateVersion7() } : null;

        var (status, problem) = await ada.CallAsync(HttpMethod.Parse(method), $"/api/games/my-own-game/{path}", body, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("my-own-game", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("window=year", "window")]
    [InlineData("top=0", "top")]
    public async Task A_board_cannot_be_watched_through_a_bad_parameter(string query, string field)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.GetAsync($"/api/games/dash/leaderboard/live?{query}", Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task Loyalty_is_not_played()
    {
        using var ada = shop.Shopper();
        Assert.Equal(HttpStatusCode.Conflict, (await ada.CallAsync(HttpMethod.Post, "/api/games/loyalty/runs", cancellationToken: Cancelled)).Status);
    }

    [Fact]
    public async Task Nobody_plays_without_signing_in_and_everybody_may_watch()
    {
        using var ada = shop.Shopper();
        using var nobody = shop.AnonymousClient();
        await ada.PlayAsync("relay", 5, Cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.PostAsync(new Uri("/api/games/relay/runs", UriKind.Relative), null, Cancelled)).StatusCode);
        using var watched = await nobody.GetAsync(new Uri("/api/games/relay/leaderboard/live", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (watched.StatusCode, watched.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Whoever_watches_a_board_sees_each_rank_move()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        await ada.PlayAsync("relay", 1_000_000, Cancelled);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        await using var boards = ada.ListenAsync("/api/games/relay/leaderboard/live?window=day", cancellationToken: patience.Token).GetAsyncEnumerator(patience.Token);

        Assert.Equal([ada.Customer], await UntilAsync(boards, static names => names.Length >= 1));
        await bob.PlayAsync("relay", 2_000_000, Cancelled);
        Assert.Equal([bob.Customer, ada.Customer], (await UntilAsync(boards, names => names[0] == bob.Customer))[..2]);
        await ada.PlayAsync("relay", 3_000_000, Cancelled);
        Assert.Equal([ada.Customer, bob.Customer], (await UntilAsync(boards, names => names[0] == ada.Customer))[..2]);
    }

    private static async Task<string[]> UntilAsync(IAsyncEnumerator<(string Id, string Name, JsonElement Data)> boards, Func<string[], bool> holds)
    {
        while (await boards.MoveNextAsync())
        {
            var names = boards.Current.Data.GetProperty("top").EnumerateArray().Where(static entry => entry.GetProperty("score").GetInt64() >= 1_000_000).Select(static entry => entry.GetProperty("name").GetString()!).ToArray();
            if (names.Length > 0 && holds(names))
                return names;
        }

        throw new InvalidOperationException("The stream ended.");
    }

    private static async Task RefusedAsync(Shopper shopper, string game, Guid run, long score, HttpStatusCode expected, string reason)
    {
        var (status, problem) = await shopper.CallAsync(HttpMethod.Post, $"/api/games/{game}/scores", new { score, token = run }, cancellationToken: Cancelled);

        Assert.Equal((expected, reason), (status, problem.GetProperty("reason").GetString()));
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.Equal(problem.GetProperty("detail").GetString(), problem.GetProperty("errors").GetProperty("token")[0].GetString());
    }
}
