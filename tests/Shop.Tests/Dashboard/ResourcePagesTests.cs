using System.Net;
using System.Text.RegularExpressions;
using Shop.Dashboard.Protocol;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>What the pages show of the resources that the engine tells of, and that their buttons reach it.</summary>
public sealed partial class ResourcePagesTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Started = new(2030, 1, 1, 9, 30, 15, TimeSpan.Zero);

    private static readonly ResourceSnapshot[] Shop =
    [
        new()
        {
            Name = "orders", Kind = "project", State = "Running", IsHealthy = false, Note = "1 of 2 healthy", References = ["redis", "ordersdb"],
            Addresses = ["http://localhost:5001/", "tcp://localhost:5002"], Commands = [ResourceCommands.Stop, ResourceCommands.Restart],
            Replicas =
            [
                new() { Name = "orders-0", State = "Healthy", ProcessId = 4711, StartedAt = Started, Restarts = 2, Addresses = ["http://localhost:6001"] },
                new() { Name = "orders-1", State = "Unhealthy", Note = "does not answer", ProcessId = 4712, StartedAt = Started.AddMinutes(1), Restarts = 1 },
            ],
        },
        new() { Name = "web", Kind = "project", State = "Running", IsHealthy = true, References = ["orders"] },
        new() { Name = "redis", Kind = "redis", State = "Running", IsHealthy = true },
        new() { Name = "postgres", Kind = "postgres", State = "FailedToStart", Note = "port 5432 is taken" },
        new() { Name = "ordersdb", Kind = "database", State = "Exited", Parent = "postgres", Commands = [ResourceCommands.Start] },
    ];

    private TestEngine _engine = null!;
    private RunningDashboard _dashboard = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await TestEngine.StartAsync();
        _dashboard = await _engine.DashboardAsync();
        _engine.Say(Shop);
        await TestEngine.PageAsync(_dashboard, "/resources", "resource-ordersdb");
    }

    public async ValueTask DisposeAsync()
    {
        await _dashboard.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task The_list_shows_state_health_kind_replicas_restarts_start_and_addresses()
    {
        var page = await PageAsync("/resources");

        var orders = Html.Part(page, "id=\"resource-orders\"", "</tr>");
        Html.AssertOrder(orders, "class=\"state doubtful\">Unhealthy<", "href=\"/resources/orders\"", "1 of 2 healthy", ">project<", ">1/2<", ">3<", "datetime=\"2030-01-01T09:30:15.0000000Z\"",
            "<a href=\"http://localhost:5001/\"", ">localhost:5001</a>", "/console?process=orders", "/logs?resource=orders", "/traces?resource=orders", "/metrics/instruments?resource=orders");
        Assert.Contains("class=\"state good\">Running<", Html.Part(page, "id=\"resource-redis\"", "</tr>"), StringComparison.Ordinal);
        Html.AssertOrder(Html.Part(page, "id=\"resource-postgres\"", "</tr>"), "class=\"state bad\">Failed to start<", "port 5432 is taken");
        Assert.Contains("class=\"state off\">Exited<", Html.Part(page, "id=\"resource-ordersdb\"", "</tr>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_its_own_shows_every_process_whom_a_resource_uses_and_who_uses_it()
    {
        var page = await PageAsync("/resources/orders");

        Html.AssertOrder(page, "class=\"state doubtful\">Unhealthy<", "<dt>Kind</dt><dd>project<", "<a href=\"http://localhost:5001/\"", "<span>tcp://localhost:5002</span>",
            "<dt>Uses</dt>", "href=\"/resources/redis\"", "href=\"/resources/ordersdb\"", "<dt>Used by</dt>", "href=\"/resources/web\"");
        Html.AssertOrder(page, ">orders-0<", "Healthy", ">4711<", "2030-01-01T09:30:15.0000000Z", ">2<", ">localhost:6001<", "/console?process=orders-0",
            ">orders-1<", "Unhealthy", "does not answer", ">4712<", "2030-01-01T09:31:15.0000000Z", ">1<", "/console?process=orders-1");
        Html.AssertOrder(await PageAsync("/resources/ordersdb"), "<dt>Inside</dt>", "href=\"/resources/postgres\"");
        using var missing = await _dashboard.Client.GetAsync("/resources/nothing", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Theory]
    [InlineData("/resources", "orders", "stop restart")]
    [InlineData("/resources", "ordersdb", "start")]
    [InlineData("/resources/orders", "orders", "stop restart")]
    [InlineData("/resources/ordersdb", "ordersdb", "start")]
    public async Task The_buttons_ask_the_engine_and_lead_back_to_where_they_stand(string address, string resource, string commands)
    {
        var forms = Forms().Matches(await PageAsync(address)).Where(form => form.Groups["action"].Value.StartsWith($"/resources/{resource}/", StringComparison.Ordinal)).ToList();
        Assert.Equal(commands.Split(' ').Select(command => $"{command} {resource}"), forms.Select(static form => form.Groups["label"].Value), StringComparer.OrdinalIgnoreCase);

        foreach (var form in forms)
        {
            using var answer = await _dashboard.Client.PostAsync(form.Groups["action"].Value, null, TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.OK, address), (answer.StatusCode, answer.RequestMessage!.RequestUri!.AbsolutePath));
        }

        Assert.Equal(commands.Split(' ').Select(command => $"{command} {resource} {TestEngine.Key}"), _engine.Asked);
    }

    [Fact]
    public async Task A_resource_to_which_nothing_can_be_done_has_no_buttons() =>
        Assert.DoesNotContain("<form method=\"post\"", await PageAsync("/resources/redis"), StringComparison.Ordinal);

    [Fact]
    public async Task The_graph_shows_who_uses_whom()
    {
        var page = await PageAsync("/graph");

        Assert.Equal(["orders uses ordersdb", "orders uses redis", "web uses orders"], Edges().Matches(page).Select(static edge => edge.Value).Order(StringComparer.Ordinal));
        foreach (var (name, label) in new[] { ("orders", "orders, Running, uses redis, ordersdb"), ("web", "web, Running, uses orders"), ("redis", "redis, Running") })
            Assert.Contains($"<a href=\"/resources/{name}\" aria-label=\"{label}\"", page, StringComparison.Ordinal);
        Html.AssertOrder(Html.Part(page, "aria-label=\"orders, ", "</a>"), "class=\"dot doubtful\"", ">orders<", "project × 2");
        Assert.Contains("class=\"dot good\"", Html.Part(page, "aria-label=\"redis, ", "</a>"), StringComparison.Ordinal);
    }

    private async Task<string> PageAsync(string address) => WebUtility.HtmlDecode(await _dashboard.Client.GetStringAsync(address, TestContext.Current.CancellationToken));

    [GeneratedRegex("<form method=\"post\" action=\"(?<action>[^\"]+)\">\\s*<button type=\"submit\"[^>]*aria-label=\"(?<label>[^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Forms();

    [GeneratedRegex("(?<=class=\"edge\"[^>]*><title>)[a-z ]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Edges();
}
