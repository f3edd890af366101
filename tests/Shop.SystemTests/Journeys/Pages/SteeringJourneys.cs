using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>The crate as it is drawn, moved by each of the ways in which a player moves it. A run lasts a minute here, of which a few seconds are played.</summary>
[Collection(nameof(SharedShop))]
public sealed class SteeringJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    /// <summary>Where the crate's middle is, 0 to 1: nothing else on its line of the canvas has its colour.</summary>
    private const string Crate =
        """
        const colour = document.querySelector('.game').appendChild(document.createElement('span'));
        colour.style.color = 'var(--game-crate)';
        globalThis.crate = () => {
          const canvas = document.querySelector('#canvas'), { width, height } = canvas;
          const [red, green, blue] = getComputedStyle(colour).color.match(/\d+/g).map(Number);
          const line = canvas.getContext('2d').getImageData(0, Math.round(height * 0.96), width, 1).data;
          const found = [];
          for (let x = 0; x < width; x++) if (line[4 * x] === red && line[4 * x + 1] === green && line[4 * x + 2] === blue) found.push(x);
          return found.length === 0 ? NaN : (found[0] + found.at(-1)) / 2 / width;
        };
        """;

    [Fact]
    public async Task The_arrows_and_letters_move_the_crate_while_they_are_held()
    {
        using var ada = shop.Shopper();
        var page = await StartAsync(ada);
        foreach (var (right, left) in new[] { ("ArrowRight", "ArrowLeft"), ("d", "a") })
        {
            await page.Keyboard.DownAsync(right);
            await IsAtAsync(page, 0.85, 0.95);
            await page.Keyboard.UpAsync(right);
            await page.Keyboard.DownAsync(left);
            await IsAtAsync(page, 0.05, 0.15);
            await page.Keyboard.UpAsync(left);
        }

        await page.Keyboard.DownAsync("ArrowRight");
        await IsAtAsync(page, 0.3, 0.95);
        await page.Keyboard.UpAsync("ArrowRight");
        var still = await page.EvaluateAsync<double[]>(
            """
            async () => { // over a few frames, of which the first may still show the last move
              const seen = [];
              for (let i = 0; i < 12; i++) { await new Promise(requestAnimationFrame); seen.push(crate()); }
              return seen.slice(2);
            }
            """);
        Assert.Single(still.Distinct());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_crate_follows_the_mouse()
    {
        using var ada = shop.Shopper();
        var page = await StartAsync(ada);
        foreach (var place in new[] { 0.25, 0.75, 0.4 })
        {
            var (x, y) = await PointAsync(page, place);
            await page.Mouse.MoveAsync(x, y);
            await IsAtAsync(page, place - 0.03, place + 0.03);
        }

        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_crate_goes_where_a_finger_is_and_follows_it_and_the_buttons_move_it()
    {
        using var ada = shop.Shopper();
        var page = await StartAsync(ada, touch: true);
        var touching = await page.Context.NewCDPSessionAsync(page);

        await TouchAsync("touchStart", await PointAsync(page, 0.25));
        await IsAtAsync(page, 0.22, 0.28);
        await TouchAsync("touchMove", await PointAsync(page, 0.7));
        await IsAtAsync(page, 0.67, 0.73);
        await TouchAsync("touchEnd");

        foreach (var (way, from, to) in new[] { (-1, 0.05, 0.15), (1, 0.85, 0.95) })
        {
            var button = page.Locator($".game-key[data-move='{way}']");
            await button.ScrollIntoViewIfNeededAsync();
            var box = (await button.BoundingBoxAsync())!;
            await TouchAsync("touchStart", (box.X + box.Width / 2, box.Y + box.Height / 2));
            await IsAtAsync(page, from, to);
            await TouchAsync("touchEnd");
        }

        await page.Context.CloseAsync();

        Task TouchAsync(string type, params (float X, float Y)[] points) => touching.SendAsync(
            "Input.dispatchTouchEvent", new() { ["type"] = type, ["touchPoints"] = points.Select(static point => new { x = point.X, y = point.Y }).ToArray() });
    }

    private async Task<IPage> StartAsync(Shopper shopper, bool touch = false)
    {
        var page = await browser.EnterAsync(shop, shopper, "/play", touch);
        await page.RouteAsync("**/api/games/parcels/runs", static async route =>
        {
            var answer = await route.FetchAsync();
            var run = JsonNode.Parse(await answer.TextAsync())!;
            run["seconds"] = 60; // steering takes its time on a busy machine
            await route.FulfillAsync(new() { Response = answer, Body = run.ToJsonString() });
        });
        await page.EvaluateAsync(Crate);
        await page.GetByRole(AriaRole.Button, new() { Name = "Start a run" }).ClickAsync();
        await Expect(page.Locator(".game[data-state=playing]")).ToBeVisibleAsync();
        return page;
    }

    private static async Task<(float X, float Y)> PointAsync(IPage page, double place)
    {
        await page.Locator("#canvas").ScrollIntoViewIfNeededAsync();
        var box = (await page.Locator("#canvas").BoundingBoxAsync())!;
        return (box.X + (float)place * box.Width, box.Y + box.Height / 2);
    }

    private static Task IsAtAsync(IPage page, double from, double to) => page.WaitForFunctionAsync("([from, to]) => crate() >= from && crate() <= to", new[] { from, to });
}
