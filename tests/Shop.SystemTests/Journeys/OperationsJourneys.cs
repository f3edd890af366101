using System.Net;
using System.Text.Json;
using Aspire.Hosting.Testing;
using StackExchange.Redis;

namespace Shop.SystemTests.Journeys;

/// <summary>Streams, dead letters and locks, as an operator meets them over HTTP.</summary>
[Collection(nameof(SharedShop))]
public sealed class OperationsJourneys(ShopApp shop)
{
    private const string Orders = "shop:orders:{0}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_sees_every_group_of_a_stream_catch_up_and_who_reads_it()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        await ada.PlacedAsync();

        var stream = await Eventually.BecomesAsync(
            async () => (await olga.GetAsync("/api/operations/streams/orders", Cancelled)).Body,
            static stream => Groups(stream).All(static group => group.GetProperty("lag").GetInt64() == 0 && group.GetProperty("pending").GetInt64() == 0),
            "no group of the stream orders behind",
            TimeSpan.FromSeconds(60));

        Assert.True(stream.GetProperty("length").GetInt64() > 0);
        Assert.Equal(["gaming", "notifications", "payments"], Groups(stream).Select(static group => group.GetProperty("group").GetString()).Order(StringComparer.Ordinal));
        Assert.All(Groups(stream), static group => Assert.NotEqual(0, group.GetProperty("consumers").GetArrayLength()));
        var all = (await olga.GetAsync("/api/operations/streams", Cancelled)).Body.GetProperty("items").EnumerateArray().Select(static one => one.GetProperty("stream").GetString());
        Assert.Equal(["orders", "payments", "catalogue"], all);
    }

    [Fact]
    public async Task An_operator_reads_a_dead_letter_puts_it_back_and_its_group_handles_it()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        var customer = (await ada.GetAsync("/api/session", Cancelled)).Body.GetProperty("id").GetString();
        var letter = await DieAsync("OrderPaid", $$$"""{"orderId":"{{{Guid.CreateVersion7()}}}","customer":"{{{customer}}}","total":{"amount":41,"currency":"EUR"},"paidAt":"2026-11-24T12:00:00Z"}""");
        var path = $"/api/operations/dead-letters/orders/{letter}";

        var (_, dead) = await olga.GetAsync(path, Cancelled);
        Assert.Equal(
            ("gaming", "the board was away", "OrderPaid", customer),
            (dead.GetProperty("group").GetString(), dead.GetProperty("reason").GetString(), dead.GetProperty("event").GetProperty("type").GetString(), dead.GetProperty("event").GetProperty("data").GetProperty("customer").GetString()));
        Assert.Contains(letter, (await ListAsync(olga)).Select(static one => one.GetProperty("id").GetString()));

        Assert.Equal(HttpStatusCode.OK, (await olga.CallAsync(HttpMethod.Post, $"{path}/put-back", cancellationToken: Cancelled)).Status);

        await Eventually.TrueAsync(
            async () => (await ada.GetAsync("/api/games/loyalty/leaderboard/me", Cancelled)) is (HttpStatusCode.OK, var board) && board.GetProperty("me").GetProperty("score").GetInt64() == 41,
            "the 41 points of the event that was put back",
            TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.NotFound, (await olga.GetAsync(path, Cancelled)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await olga.CallAsync(HttpMethod.Post, $"{path}/put-back", cancellationToken: Cancelled)).Status);
    }

    [Fact]
    public async Task An_operator_drops_a_dead_letter_even_one_that_is_no_json()
    {
        using var olga = await shop.OperatorAsync();
        var path = $"/api/operations/dead-letters/orders/{await DieAsync("OrderPaid", "not json")}";

        Assert.Equal("not json", (await olga.GetAsync(path, Cancelled)).Body.GetProperty("event").GetProperty("data").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await olga.CallAsync(HttpMethod.Delete, path, cancellationToken: Cancelled)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await olga.CallAsync(HttpMethod.Delete, path, cancellationToken: Cancelled)).Status);
    }

    [Fact]
    public async Task An_operator_sees_who_holds_a_lock_with_which_token()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        var order = await ada.PlacedAsync(card: Shopper.IsSlow); // its payment takes three seconds, under a lock

        var held = await Eventually.BecomesAsync(
            async () => (await olga.GetAsync("/api/operations/locks", Cancelled)).Body.GetProperty("items").EnumerateArray()
                .FirstOrDefault(held => held.GetProperty("resource").GetString() == $"payment:{order}"),
            static held => held.ValueKind == JsonValueKind.Object,
            "the lock of the payment",
            TimeSpan.FromSeconds(60));

        Assert.True(held.GetProperty("fencingToken").GetInt64() > 0);
        Assert.Contains("/", held.GetProperty("owner").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/operations/streams/no-such", HttpStatusCode.NotFound)]
    [InlineData("/api/operations/dead-letters/no-such", HttpStatusCode.NotFound)]
    [InlineData("/api/operations/dead-letters/orders/1-1", HttpStatusCode.NotFound)]
    [InlineData("/api/operations/dead-letters/orders/yesterday", HttpStatusCode.NotFound)]
    [InlineData("/api/operations/dead-letters/orders?after=yesterday", HttpStatusCode.BadRequest)]
    [InlineData("/api/operations/locks?take=0", HttpStatusCode.BadRequest)]
    public async Task What_an_operator_asks_for_wrongly_is_answered_with_problem_details(string path, HttpStatusCode expected)
    {
        using var olga = await shop.OperatorAsync();

        using var response = await olga.SendAsync(HttpMethod.Get, path, cancellationToken: Cancelled);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("GET", "/api/operations/streams")]
    [InlineData("GET", "/api/operations/dead-letters")]
    [InlineData("GET", "/api/operations/dead-letters/orders")]
    [InlineData("POST", "/api/operations/dead-letters/orders/1-1/put-back")]
    [InlineData("DELETE", "/api/operations/dead-letters/orders/1-1")]
    [InlineData("GET", "/api/operations/locks")]
    [InlineData("GET", "/api/operations/limits")]
    [InlineData("GET", "/api/operations/jobs")]
    public async Task Operations_are_for_operators(string method, string path)
    {
        using var ada = shop.Shopper();
        using var nobody = shop.AnonymousClient();
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);

        using var anonymous = await nobody.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.CallAsync(HttpMethod.Parse(method), path, cancellationToken: Cancelled)).Status);
    }

    private static IEnumerable<JsonElement> Groups(JsonElement stream) => stream.GetProperty("groups").EnumerateArray();

    private static async Task<JsonElement[]> ListAsync(Shopper olga) =>
        [.. (await olga.GetAsync("/api/operations/dead-letters/orders", Cancelled)).Body.GetProperty("items").EnumerateArray()];

    /// <summary>Leaves an event as the group <c>gaming</c> leaves one that it gave up, and answers the dead letter's id.</summary>
    private async Task<string> DieAsync(string type, string data)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await shop.App.GetConnectionStringAsync("redis", Cancelled))!);
        NameValueEntry[] entry =
        [
            new("id", Guid.CreateVersion7().ToString()), new("type", type), new("key", "k"), new("time", "2026-11-24T12:00:00.0000000+00:00"), new("data", data),
            new("dead-group", "gaming"), new("dead-entry", "1-1"), new("dead-reason", "the board was away"), new("dead-exception", ""), new("dead-deliveries", 10), new("dead-at", 1_795_521_600),
        ];
        return (await redis.GetDatabase().StreamAddAsync($"{Orders}:dead", entry)).ToString();
    }
}
