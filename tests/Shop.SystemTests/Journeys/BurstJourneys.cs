using System.Net;
using System.Text.Json;
using Dapper;

namespace Shop.SystemTests.Journeys;

/// <summary>Bursts of simulated shoppers, as an operator starts, watches and stops them. Not beside others: there is one burst at a time.</summary>
[Collection(nameof(SharedShop))]
public sealed class BurstJourneys(ShopApp shop)
{
    private const string Path = "/api/operations/burst";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_burst_settles_every_order_leaves_the_stock_as_it_was_and_gives_nobody_points()
    {
        using var olga = await shop.OperatorAsync();
        await IdleAsync(olga);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(Patience);

        var (status, burst) = await olga.CallAsync(HttpMethod.Post, Path, new { shoppers = 4, orders = 12 }, cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.Accepted, status);

        JsonElement last = default;
        await foreach (var (_, _, sample) in olga.ListenAsync($"{Path}/live", cancellationToken: patience.Token))
        {
            last = sample;
            if (sample.GetProperty("id").GetGuid() == burst.GetProperty("id").GetGuid() && sample.GetProperty("ended").GetBoolean())
                break;
        }

        Assert.Equal(12, last.GetProperty("paid").GetInt32() + last.GetProperty("failed").GetInt32());
        Assert.NotEqual(0, last.GetProperty("paid").GetInt32()); // a busy machine may be too slow for some
        Assert.True(last.GetProperty("paidP95").GetDouble() >= last.GetProperty("placeP50").GetDouble());
        await using var orders = await shop.DatabaseAsync("ordersdb");
        await using var connection = await orders.OpenConnectionAsync(Cancelled);
        await Eventually.BecomesAsync(
            () => connection.QuerySingleAsync<long>("SELECT count(*) FROM orders WHERE idempotency_key LIKE @key AND status IN (1, 2)", new { key = $"burst:{burst.GetProperty("id").GetGuid():N}:%" }),
            static open => open == 0,
            "every order of the burst cancelled, and its money back",
            Patience);
        await using var gaming = await shop.DatabaseAsync("gamingdb");
        await using var ledger = await gaming.OpenConnectionAsync(Cancelled);
        Assert.Equal(0, await ledger.QuerySingleAsync<long>("SELECT count(*) FROM ledger WHERE customer LIKE '0b070b07-%'"));
        var (_, job) = await olga.GetAsync(burst.GetProperty("job").GetString()!, Cancelled);
        Assert.Equal("Succeeded", job.GetProperty("state").GetString());
    }

    [Fact]
    public async Task There_is_one_burst_at_a_time_over_all_replicas_and_it_can_be_stopped()
    {
        using var olga = await shop.OperatorAsync();
        await IdleAsync(olga);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => olga.CallAsync(HttpMethod.Post, Path, new { shoppers = 2, orders = 1000 }, cancellationToken: Cancelled)));

        Assert.Single(answers, static answer => answer.Status == HttpStatusCode.Accepted);
        Assert.All(answers.Where(static answer => answer.Status != HttpStatusCode.Accepted), static answer => Assert.Equal(HttpStatusCode.Conflict, answer.Status));
        var job = answers.First(static answer => answer.Status == HttpStatusCode.Accepted).Body.GetProperty("job").GetString()!;
        await Eventually.TrueAsync(async () => (await olga.GetAsync(Path, Cancelled)) is (HttpStatusCode.OK, var running) && running.GetProperty("state").GetString() == "Running", "the burst to run", Patience);

        Assert.Equal(HttpStatusCode.Accepted, (await olga.CallAsync(HttpMethod.Delete, Path, cancellationToken: Cancelled)).Status);

        await Eventually.TrueAsync(async () => (await olga.GetAsync(job, Cancelled)).Body.GetProperty("state").GetString() == "Cancelled", "the burst to be stopped", Patience);
        Assert.Equal(HttpStatusCode.NotFound, (await olga.CallAsync(HttpMethod.Delete, Path, cancellationToken: Cancelled)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await olga.GetAsync(Path, Cancelled)).Status);
    }

    [Theory]
    [InlineData("""{"shoppers":51,"orders":10}""", "shoppers")]
    [InlineData("""{"shoppers":0,"orders":10}""", "shoppers")]
    [InlineData("""{"shoppers":1,"orders":1001}""", "orders")]
    [InlineData("""{"shoppers":1}""", "orders")]
    public async Task A_burst_has_caps(string body, string field)
    {
        using var olga = await shop.OperatorAsync();

        var (status, problem) = await olga.CallAsync(HttpMethod.Post, Path, body, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("POST", Path)]
    [InlineData("GET", Path)]
    [InlineData("DELETE", Path)]
    [InlineData("GET", $"{Path}/live")]
    [InlineData("GET", "/api/operations/live")]
    public async Task Bursts_are_for_operators(string method, string path)
    {
        using var ada = shop.Shopper();
        object? body = method == "POST" ? new { shoppers = 1, orders = 1 } : null;

        Assert.Equal(HttpStatusCode.Forbidden, (await ada.CallAsync(HttpMethod.Parse(method), path, body, cancellationToken: Cancelled)).Status);
    }

    [Fact]
    public async Task An_operator_watches_the_system_live()
    {
        using var olga = await shop.OperatorAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(Patience);

        await foreach (var (_, name, snapshot) in olga.ListenAsync("/api/operations/live", cancellationToken: patience.Token))
        {
            Assert.Equal("snapshot", name);
            Assert.Equal(["orders", "payments", "catalogue"], snapshot.GetProperty("streams").EnumerateArray().Select(static stream => stream.GetProperty("stream").GetString()));
            Assert.Contains("bursts", snapshot.GetProperty("queues").EnumerateArray().Select(static queue => queue.GetProperty("queue").GetString()));
            break;
        }
    }

    private static Task IdleAsync(Shopper olga) =>
        Eventually.TrueAsync(async () => (await olga.GetAsync(Path, Cancelled)).Status == HttpStatusCode.NotFound, "no burst", Patience);
}
