using System.Text.RegularExpressions;
using Shop.Dashboard.Protocol;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>An open page asks for what it shows, hears when there is more of it, and finds it when it fetches itself again.</summary>
public sealed partial class LiveTailTests : IAsyncLifetime
{
    private TestEngine _engine = null!;
    private RunningDashboard _dashboard = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await TestEngine.StartAsync();
        _dashboard = await _engine.DashboardAsync();
        _engine.Print(Line(1, "the first line"));
        _engine.Say(new ResourceSnapshot { Name = "orders", Kind = "project", State = "Running" });
        await TestEngine.PageAsync(_dashboard, "/console", "the first line");
        await TestEngine.PageAsync(_dashboard, "/resources", "resource-orders");
    }

    public async ValueTask DisposeAsync()
    {
        await _dashboard.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Theory]
    [InlineData("/console")]
    [InlineData("/console?process=orders")]
    public Task A_new_line_reaches_the_open_console(string address) => ReachesAsync(address, "the second line", () =>
    {
        _engine.Print(Line(2, "the second line"));
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("/logs")]
    [InlineData("/logs?resource=payments")]
    public Task A_new_record_reaches_the_open_logs(string address) =>
        ReachesAsync(address, "Charge ch_881 captured", async () => (await _dashboard.PostAsync("v1/logs", new OrderTelemetry().Logs)).Dispose());

    [Fact]
    public async Task A_new_record_reaches_the_open_trace()
    {
        var order = new OrderTelemetry();
        foreach (var export in order.Exports)
            (await _dashboard.PostAsync("v1/traces", export)).Dispose();
        await _dashboard.TraceAsync(order.TraceId, order.SpanCount);

        await ReachesAsync($"/traces/{order.TraceId}", "Charge ch_881 captured", async () => (await _dashboard.PostAsync("v1/logs", order.Logs)).Dispose());
    }

    [Fact]
    public Task A_new_state_reaches_the_open_list_of_resources() => ReachesAsync("/resources", "Exited", () =>
    {
        _engine.Say(new ResourceSnapshot { Name = "orders", Kind = "project", State = "Exited" });
        return Task.CompletedTask;
    });

    private async Task ReachesAsync(string address, string news, Func<Task> happens)
    {
        var page = await PageAsync(address);
        Assert.DoesNotContain(news, page, StringComparison.Ordinal);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        using var response = await _dashboard.Client.GetAsync($"/events?watch={Watched().Match(page).Value}", HttpCompletionOption.ResponseHeadersRead, patience.Token);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        Assert.Equal("event: hello", await events.ReadLineAsync(patience.Token));

        await happens();

        string? line;
        do
            line = await events.ReadLineAsync(patience.Token);
        while (line is not (null or "event: change"));
        Assert.Equal("event: change", line);
        Assert.Contains(news, await PageAsync(address), StringComparison.Ordinal);
    }

    private Task<string> PageAsync(string address) => _dashboard.Client.GetStringAsync(address, TestContext.Current.CancellationToken);

    private static ConsoleLine Line(long number, string text) => new(number, "orders", Spans.Epoch, text);

    [GeneratedRegex("(?<=data-watch=\")[a-z,]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Watched();
}
