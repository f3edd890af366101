using System.Net;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>A page of what is not there says so, and where to go instead; nothing on it is live.</summary>
[Collection(nameof(SharedShop))]
public sealed class NotHereJourneys(ShopApp shop)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/products/NOT-01", "/products")]
    [InlineData("/orders/0199d3a0-0000-7000-8000-000000000000", "/orders")]
    [InlineData("/talk/nowhere", "/talk")]
    [InlineData("/talk/lobby?before=0", "/talk")]
    [InlineData("/operate/dead-letters/nothing", "/operate/dead-letters")]
    [InlineData("/operate/dead-letters/orders?after=x", "/operate/dead-letters")]
    [InlineData("/operate/jobs/nothing", "/operate/jobs")]
    [InlineData("/operate/jobs/mail?state=lost", "/operate/jobs")]
    [InlineData("/operate/jobs/mail?after=x", "/operate/jobs")]
    public async Task What_is_not_there_is_answered_with_a_page_that_leads_on(string path, string instead)
    {
        using var olga = await shop.OperatorAsync();

        using var answer = await olga.SendAsync(HttpMethod.Get, path, headers: [("Accept", "text/html")], cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var html = await answer.Content.ReadAsStringAsync(Cancelled);
        var state = html[html.IndexOf("state-large", StringComparison.Ordinal)..];
        Assert.Contains($"href=\"{instead}\"", state[..state.IndexOf("</section>", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.DoesNotContain("room.js", html, StringComparison.Ordinal);
        Assert.DoesNotContain("was handled, or still has tries left", html, StringComparison.Ordinal);
    }
}
