using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>The chat in real browsers.</summary>
[Collection(nameof(SharedShop))]
public sealed class TalkJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    /// <summary>How long the connection is away.</summary>
    private const int Away = 5000;

    [Fact]
    public async Task Two_browsers_talk_and_one_that_loses_its_connection_for_five_seconds_misses_and_repeats_nothing()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        var (atAda, atBob) = (await EnterAsync(ada, "help"), await EnterAsync(bob, "help"));
        var mark = $"{Guid.CreateVersion7():N}";
        await SayAsync(atAda, $"{mark} one");
        await Expect(Said(atBob, mark)).ToHaveTextAsync([$"{mark} one"]);
        await atAda.Locator("#text").PressSequentiallyAsync("hm");
        await Expect(atBob.Locator("#typing")).ToHaveTextAsync($"{ada.Customer} is typing…");
        await Expect(atBob.Locator("#people")).ToContainTextAsync($"{bob.Customer} (you)");
        await Expect(atBob.Locator("#people")).ToContainTextAsync(ada.Customer);

        await atBob.Context.SetOfflineAsync(true);
        await Expect(atBob.Locator(".live-state")).ToHaveTextAsync("reconnecting…");
        await SayAsync(atAda, $"{mark} two");
        await SayAsync(atBob, $"{mark} three");
        await Expect(atBob.Locator(".message-failed")).ToBeVisibleAsync();
        await SayAsync(atAda, $"{mark} four");
        await Expect(Said(atAda, mark)).ToHaveTextAsync([$"{mark} one", $"{mark} two", $"{mark} four"]);
        await atBob.WaitForTimeoutAsync(Away);
        await Expect(Said(atBob, mark)).ToHaveTextAsync([$"{mark} one", $"{mark} three"]);
        await atBob.Context.SetOfflineAsync(false);

        string[] all = [$"{mark} one", $"{mark} two", $"{mark} four", $"{mark} three"];
        await Expect(Said(atAda, mark)).ToHaveTextAsync(all);
        await Expect(Said(atBob, mark)).ToHaveTextAsync(all);
        await Expect(atBob.Locator(".live-state")).ToHaveTextAsync("live");
        await SayAsync(atBob, $"{mark} five");
        await Expect(Said(atAda, mark)).ToHaveTextAsync([.. all, $"{mark} five"]);
        await Expect(Said(atBob, mark)).ToHaveTextAsync([.. all, $"{mark} five"]);
        await atAda.CloseAsync();
        await Expect(atBob.Locator("#people")).Not.ToContainTextAsync(ada.Customer);
        await atBob.CloseAsync();
    }

    [Fact]
    public async Task Older_messages_come_as_one_scrolls_up_each_once_and_what_one_reads_stays_in_its_place()
    {
        var mark = $"{Guid.CreateVersion7():N}";
        for (var writer = 0; writer < 13; writer++)
        {
            using var shopper = shop.Shopper();
            for (var message = 0; message < 10; message++)
                await shopper.SaidAsync("parcels", string.Create(CultureInfo.InvariantCulture, $"{mark} {writer * 10 + message}"));
        }

        using var ada = shop.Shopper();
        var page = await EnterAsync(ada, "parcels");
        Assert.True(await Said(page, mark).CountAsync() < 130);

        await Eventually.TrueAsync(
            async () =>
            {
                await page.Locator("#scroll").EvaluateAsync("scroll => { scroll.scrollTop = 0; }");
                return await Said(page, mark).CountAsync() == 130;
            },
            "all messages, page by page",
            TimeSpan.FromSeconds(30));

        Assert.Equal(Enumerable.Range(0, 130).Select(number => string.Create(CultureInfo.InvariantCulture, $"{mark} {number}")), await Said(page, mark).AllTextContentsAsync());
        await page.CloseAsync();
    }

    [Fact]
    public async Task An_operator_removes_a_message_and_it_goes_from_every_browser()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        var (atAda, atOlga) = (await EnterAsync(ada, "help"), await EnterAsync(olga, "help"));
        var text = $"look at {Guid.CreateVersion7():N}";
        await SayAsync(atAda, text);
        var message = atOlga.Locator(".message", new() { HasText = text });
        var sequence = await message.GetAttributeAsync("data-sequence");
        await Expect(atAda.GetByRole(AriaRole.Button, new() { Name = "Remove" })).ToHaveCountAsync(0);

        await message.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();

        foreach (var page in new[] { atAda, atOlga })
        {
            await Expect(page.Locator($".message[data-sequence='{sequence}'] .text")).ToHaveTextAsync("Removed by an operator.");
            await Expect(page.GetByText(text)).ToHaveCountAsync(0);
            await page.CloseAsync();
        }
    }

    [Fact]
    public async Task A_message_that_is_refused_stays_in_its_field_with_the_reason_beside_it()
    {
        using var ada = shop.Shopper();
        var page = await EnterAsync(ada, "help");

        await SayAsync(page, "this is a scam");

        await Expect(page.Locator("#text-error")).Not.ToBeEmptyAsync();
        await Expect(page.Locator("#text")).ToHaveValueAsync("this is a scam");
        await Expect(page.Locator(".message.waiting")).ToHaveCountAsync(0);
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_pages_look_well()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        await bob.SaidAsync("lobby", "Good evening! Has anybody caught more than a thousand points today?");
        await olga.SaidAsync("lobby", "Not me. The broken ones always find my crate.");
        var page = await EnterAsync(ada, "lobby");
        await SayAsync(page, "Nine hundred, and then somebody rang at the door.");
        await Expect(page.Locator(".message.waiting")).ToHaveCountAsync(0);
        await page.LooksWellAsync("talk-room");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Breadcrumb" }).GetByRole(AriaRole.Link, new() { Name = "Talk" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Talk");
        await page.LooksWellAsync("talk");
        await page.CloseAsync();
    }

    private async Task<IPage> EnterAsync(Shopper shopper, string room)
    {
        var page = await browser.EnterAsync(shop, shopper, $"/talk/{room}");
        await Expect(page.Locator(".live-state")).ToHaveTextAsync("live");
        return page;
    }

    private static async Task SayAsync(IPage page, string text)
    {
        await page.Locator("#text").FillAsync(text);
        await page.Locator("#text").PressAsync("Enter");
    }

    private static ILocator Said(IPage page, string mark) => page.Locator(".message .text", new() { HasText = mark });
}
