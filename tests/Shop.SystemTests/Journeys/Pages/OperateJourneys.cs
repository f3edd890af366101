using System.Net;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using StackExchange.Redis;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>The operators' pages in a real browser.</summary>
[Collection(nameof(SharedShop))]
public sealed class OperateJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A test that failed leaves no burst behind.</summary>
    public async ValueTask DisposeAsync()
    {
        using var olga = await shop.OperatorAsync();
        await olga.CallAsync(HttpMethod.Delete, "/api/operations/burst", cancellationToken: CancellationToken.None);
    }

    [Fact]
    public async Task An_operator_puts_a_dead_letter_back_and_drops_another()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        var customer = (await ada.GetAsync("/api/session", Cancelled)).Body.GetProperty("id").GetString()!;
        var (mended, useless) = (await DieAsync(customer, 43), await DieAsync(customer, 44));
        var page = await browser.EnterAsync(shop, olga, "/operate/dead-letters/orders");
        await Expect(Letter(page, mended)).ToContainTextAsync("the board was away");
        await page.LooksWellAsync("operate-dead-letters");

        await Letter(page, mended).GetByRole(AriaRole.Button, new() { Name = "Put back" }).ClickAsync();
        await Expect(page.Locator("#toasts")).ToContainTextAsync("put back");
        await Letter(page, useless).GetByRole(AriaRole.Button, new() { Name = "Drop" }).ClickAsync();
        await Expect(page.Locator("#toasts")).ToContainTextAsync("dropped");

        await Expect(Letter(page, mended)).ToHaveCountAsync(0);
        await Expect(Letter(page, useless)).ToHaveCountAsync(0);
        await Eventually.TrueAsync(
            async () => (await ada.GetAsync("/api/games/loyalty/leaderboard/me", Cancelled)) is (HttpStatusCode.OK, var board) && board.GetProperty("me").GetProperty("score").GetInt64() == 43,
            "the 43 points of the event that was put back, and not the 44 of the other",
            TimeSpan.FromSeconds(60));
        await page.CloseAsync();
    }

    [Fact]
    public async Task An_operator_sends_shoppers_watches_them_and_stops_them()
    {
        using var olga = await shop.OperatorAsync();
        await IdleAsync(olga);
        var page = await browser.EnterAsync(shop, olga, "/operate/burst");
        await page.Locator("#orders").FillAsync("5000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send them" }).ClickAsync();
        await Expect(page.Locator("#orders-error")).ToContainTextAsync("1 to 1000");

        await page.GetByLabel("Shoppers at the same time").FillAsync("2");
        await page.Locator("#orders").FillAsync("1000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send them" }).ClickAsync();

        await Expect(page.Locator("#burst-said")).ToHaveTextAsync("A burst of 1000 orders runs.");
        await Expect(page.Locator("[data-figure=paid]")).Not.ToHaveTextAsync("0");
        await Expect(page.Locator("#chart-latency .line-a")).ToHaveAttributeAsync("points", new System.Text.RegularExpressions.Regex(@"\d+\.\d,\d+\.\d \d+", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)));
        var jobs = await browser.EnterAsync(shop, olga, "/operate/jobs/bursts?state=running");
        await Expect(jobs.Locator("#running li", new() { HasText = "simulate-shoppers" }).Locator("progress")).ToBeVisibleAsync();
        await jobs.CloseAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop the burst" }).ClickAsync();
        await Expect(page.Locator("#burst-said")).ToContainTextAsync("The last burst ended");
        await Expect(page.Locator("#stop")).ToBeHiddenAsync();
        await page.LooksWellAsync("operate-burst");
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_lag_and_pending_of_a_group_are_followed_and_its_chart_grows()
    {
        const string Stream = "shop:orders:{0}";
        var group = $"watched-{Guid.CreateVersion7():N}";
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        await ada.PlacedAsync(); // there is a stream
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await shop.App.GetConnectionStringAsync("redis", Cancelled))!);
        var database = redis.GetDatabase();
        Assert.True(await database.StreamCreateConsumerGroupAsync(Stream, group, "$", createStream: true));
        try
        {
            var page = await browser.EnterAsync(shop, olga, "/operate");
            var shown = page.Locator($"[data-stream=orders] [data-group='{group}']");
            await Expect(shown.Locator("[data-pending]")).ToHaveTextAsync("0");
            var before = await LongerThanAsync(shown, 1);

            await ada.PlacedAsync();
            await page.EvaluateAsync("for (const lag of document.querySelectorAll('[data-lag], [data-total=lag]')) lag.textContent = 'old'");
            foreach (var lag in new[] { shown.Locator("[data-lag]"), page.Locator("[data-total=lag]") })
                await Expect(lag).Not.ToHaveTextAsync("old"); // a number, or a question mark where Redis has trimmed too much to know it
            await database.StreamReadGroupAsync(Stream, group, "reader", ">", count: 1);
            await Expect(shown.Locator("[data-pending]")).ToHaveTextAsync("1");
            await Expect(shown.Locator("[data-consumers]")).ToHaveTextAsync("1");
            await LongerThanAsync(shown, before);
            Assert.True(await shown.Locator(".line-b").EvaluateAsync<bool>("line => new Set(line.getAttribute('points').split(' ').map(point => point.split(',')[1])).size > 1"), "The chart does not show that pending grew.");
            await page.Context.CloseAsync();
        }
        finally
        {
            await database.StreamDeleteConsumerGroupAsync(Stream, group);
        }
    }

    [Fact]
    public async Task Without_javascript_an_operator_drops_a_letter_and_is_told_what_is_wrong_in_a_form()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        await IdleAsync(olga);
        var customer = (await ada.GetAsync("/api/session", Cancelled)).Body.GetProperty("id").GetString()!;
        var letter = await DieAsync(customer, 45);
        var page = await browser.VisitWithoutScriptAsync(shop);
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await Browser.SignInAsync(page, olga.Email, Shopper.Password);
        await Expect(page.Locator("#bell")).ToBeVisibleAsync();

        await page.GotoAsync(new Uri(shop.App.GetEndpoint("web"), "/operate/dead-letters/orders").ToString());
        await Letter(page, letter).GetByRole(AriaRole.Button, new() { Name = "Drop" }).ClickAsync();
        await Expect(page.Locator("#toasts")).ToContainTextAsync("dropped");
        await Expect(Letter(page, letter)).ToHaveCountAsync(0);

        await page.GotoAsync(new Uri(shop.App.GetEndpoint("web"), "/operate/burst").ToString());
        await page.Locator("#orders").FillAsync("5000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send them" }).ClickAsync();
        await Expect(page.Locator("#orders-error")).ToContainTextAsync("1 to 1000");
        await page.GetByLabel("Shoppers at the same time").FillAsync("1");
        await page.Locator("#orders").FillAsync("1000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send them" }).ClickAsync();
        await Expect(page.Locator("#toasts")).ToContainTextAsync("on their way");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop the burst" }).ClickAsync();
        await Expect(page.Locator("#toasts")).ToContainTextAsync("told to stop");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Streams_and_jobs_look_well()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        await ada.PlacedAsync();
        var page = await browser.EnterAsync(shop, olga, "/operate");
        await Expect(page.Locator("[data-live-state]")).ToHaveTextAsync("live");
        await Expect(page.Locator("[data-stream=orders] [data-length]")).Not.ToHaveTextAsync("0");
        await page.LooksWellAsync("operate-streams");
        await page.VisitAsync(new Uri(shop.App.GetEndpoint("web"), "/operate/jobs/bursts?state=cancelled"));
        await Expect(page.Locator("[data-live-state]")).ToHaveTextAsync("live");
        await page.LooksWellAsync("operate-jobs");
        await page.CloseAsync();
    }

    [Fact]
    public async Task An_operator_cancels_a_job_and_puts_it_in_line_again()
    {
        using var olga = await shop.OperatorAsync();
        await IdleAsync(olga);
        var (_, burst) = await olga.CallAsync(HttpMethod.Post, "/api/operations/burst", new { shoppers = 1, orders = 1000 }, cancellationToken: Cancelled);
        var (id, job) = (burst.GetProperty("id").GetGuid(), burst.GetProperty("job").GetString()!);
        await BecomesAsync(olga, job, "Running");
        var page = await browser.EnterAsync(shop, olga, "/operate/jobs/bursts?state=running");

        await Job(page, id).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.Locator("#toasts")).ToContainTextAsync("told to stop");
        await BecomesAsync(olga, job, "Cancelled");
        await page.VisitAsync(new Uri(shop.App.GetEndpoint("web"), "/operate/jobs/bursts?state=cancelled"));
        await Expect(Job(page, id)).ToContainTextAsync($"Cancelled by {olga.Customer}.");
        await Job(page, id).GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await Expect(page.Locator("#toasts")).ToContainTextAsync("in line again");

        await BecomesAsync(olga, job, "Running");
        Assert.Equal(HttpStatusCode.Accepted, (await olga.CallAsync(HttpMethod.Delete, "/api/operations/burst", cancellationToken: Cancelled)).Status);
        await BecomesAsync(olga, job, "Cancelled");
        await page.CloseAsync();
    }

    [Fact]
    public async Task Locks_and_limits_look_well()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        var page = await browser.EnterAsync(shop, olga, "/operate/limits");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "place-order" })).ToBeVisibleAsync();
        await page.LooksWellAsync("operate-limits");
        var order = await ada.PlacedAsync(card: Shopper.IsSlow); // its payment takes three seconds, under a lock
        await Eventually.TrueAsync(
            async () =>
            {
                await page.VisitAsync(new Uri(shop.App.GetEndpoint("web"), "/operate/locks"));
                return await page.GetByText($"payment:{order}").CountAsync() == 1;
            },
            "the lock of the payment",
            TimeSpan.FromSeconds(60));
        await page.LooksWellAsync("operate-locks");
        await page.CloseAsync();
    }

    [Theory]
    [InlineData("/operate")]
    [InlineData("/operate/dead-letters")]
    [InlineData("/operate/jobs")]
    [InlineData("/operate/locks")]
    [InlineData("/operate/limits")]
    [InlineData("/operate/burst")]
    public async Task The_pages_are_for_operators(string path)
    {
        using var ada = shop.Shopper();
        using var nobody = shop.AnonymousClient();

        using var mine = await ada.SendAsync(HttpMethod.Get, path, headers: [("Accept", "text/html")], cancellationToken: Cancelled);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" } } };
        using var theirs = await nobody.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Forbidden, mine.StatusCode);
        Assert.DoesNotContain("class=\"operate", await theirs.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    private static Task IdleAsync(Shopper olga) =>
        Eventually.TrueAsync(async () => (await olga.GetAsync("/api/operations/burst", Cancelled)).Status == HttpStatusCode.NotFound, "no burst", TimeSpan.FromSeconds(60));

    private static Task BecomesAsync(Shopper olga, string job, string state) =>
        Eventually.TrueAsync(async () => (await olga.GetAsync(job, Cancelled)).Body.GetProperty("state").GetString() == state, $"the job to be {state}", TimeSpan.FromSeconds(60));

    /// <summary>Waits until the line of what is pending has more points (lag has none while Redis does not know it), and answers how many.</summary>
    private static async Task<int> LongerThanAsync(ILocator group, int points)
    {
        const string Points = "line => line.getAttribute('points').split(' ').filter(Boolean).length";
        return await Eventually.BecomesAsync(() => group.Locator(".line-b").EvaluateAsync<int>(Points), now => now > points, $"more than {points} points", TimeSpan.FromSeconds(60));
    }

    private static ILocator Job(IPage page, Guid id) => page.Locator($".job[data-job='{id}']");

    private static ILocator Letter(IPage page, string id) => page.Locator($".dead[data-letter='{id}']");

    /// <summary>Leaves an event as the group <c>gaming</c> leaves one that it gave up, and answers the dead letter's id.</summary>
    private async Task<string> DieAsync(string customer, int points)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync((await shop.App.GetConnectionStringAsync("redis", Cancelled))!);
        var data = $$$"""{"orderId":"{{{Guid.CreateVersion7()}}}","customer":"{{{customer}}}","total":{"amount":{{{points}}},"currency":"EUR"},"paidAt":"2026-11-24T12:00:00Z"}""";
        NameValueEntry[] entry =
        [
            new("id", Guid.CreateVersion7().ToString()), new("type", "OrderPaid"), new("key", "k"), new("time", "2026-11-24T12:00:00.0000000+00:00"), new("data", data),
            new("dead-group", "gaming"), new("dead-entry", "1-1"), new("dead-reason", "the board was away"), new("dead-exception", "RedisException: no connection"), new("dead-deliveries", 10), new("dead-at", 1_795_521_600),
        ];
        return (await redis.GetDatabase().StreamAddAsync("shop:orders:{0}:dead", entry)).ToString();
    }
}
