using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;
using Shop.EmbeddedHosting.Servers;

namespace Shop.SystemTests.Hosting;

public sealed class DashboardTests : HostingTest
{
    private const string Token = "a-token";

    [Fact]
    public async Task The_dashboard_runs_on_demand_and_services_are_told_to_report_to_it()
    {
        var (app, _) = await StartWithDashboardAsync();
        using var client = app.CreateHttpClient("sample");
        var variables = (await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", Cancellation))!;

        Assert.Equal(app.GetEndpoint("dashboard", "otlp-grpc"), new Uri(variables["OTEL_EXPORTER_OTLP_ENDPOINT"]));
        var key = variables["OTEL_EXPORTER_OTLP_HEADERS"].Split("x-otlp-api-key=")[1];
        Assert.Equal(HttpStatusCode.OK, await ExportAsync(app.GetEndpoint("dashboard", "otlp-http"), key));
        Assert.Equal(HttpStatusCode.Unauthorized, await ExportAsync(app.GetEndpoint("dashboard", "otlp-http"), "another"));
        Assert.DoesNotContain(variables, static variable => variable.Key.StartsWith("DASHBOARD_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_tests_there_is_none_unless_it_is_asked_for()
    {
        var app = await StartHealthyAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("dashboard", Cancellation));
        using var client = app.CreateHttpClient("sample");
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", (await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", Cancellation))!.Keys);
    }

    [Fact]
    public async Task Its_pages_show_what_runs_with_secrets_only_when_asked_and_what_was_printed()
    {
        var (app, dashboard) = await StartWithDashboardAsync(static builder => Sample(builder).WithEnvironment("SAMPLE_API_KEY", "do-not-show").WithEnvironment("SAMPLE_PLAIN", "do-show"));
        var sample = await ResourceAsync(dashboard, static sample => sample.GetProperty("state").GetString() == "Running", "the sample running");

        Assert.Equal(app.GetEndpoint("sample").ToString().TrimEnd('/'), sample.GetProperty("addresses")[0].GetString());
        Assert.True(sample.GetProperty("isHealthy").GetBoolean());
        Assert.Equal(app.Replica("sample").ProcessId, sample.GetProperty("replicas")[0].GetProperty("processId").GetInt32());
        Assert.DoesNotContain("do-not-show", sample.ToString(), StringComparison.Ordinal);

        var page = await dashboard.GetStringAsync("/resources/sample", Cancellation);
        Assert.Contains("do-show", page, StringComparison.Ordinal);
        Assert.DoesNotContain("do-not-show", page, StringComparison.Ordinal);
        Assert.Contains("do-not-show", await dashboard.GetStringAsync("/resources/sample?secrets=shown", Cancellation), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await dashboard.GetStringAsync("/console?process=sample", Cancellation)).Contains("Now listening on", StringComparison.Ordinal), "the sample's first line");
        Assert.Contains("href=\"/logs?text=Now%20listening%20on", await dashboard.GetStringAsync("/console?process=sample", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_is_stopped_started_and_started_again_from_the_page()
    {
        var (app, dashboard) = await StartWithDashboardAsync();
        await ResourceAsync(dashboard, static sample => sample.GetProperty("state").GetString() == "Running", "the sample running");
        var first = app.Replica("sample").ProcessId;

        await CommandAsync(dashboard, "stop", HttpStatusCode.OK);
        await app.ResourceNotifications.WaitForResourceAsync("sample", KnownResourceStates.Exited, Cancellation);
        var stopped = await ResourceAsync(dashboard, static sample => sample.GetProperty("state").GetString() == "Exited", "the sample stopped");
        Assert.Equal(["start"], stopped.GetProperty("commands").EnumerateArray().Select(static command => command.GetString()));
        await CommandAsync(dashboard, "stop", HttpStatusCode.Conflict);

        await CommandAsync(dashboard, "start", HttpStatusCode.OK);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation);
        var second = app.Replica("sample").ProcessId;
        Assert.NotEqual(first, second);

        await ResourceAsync(dashboard, static sample => sample.GetProperty("state").GetString() == "Running", "the sample running again");
        await CommandAsync(dashboard, "restart", HttpStatusCode.OK);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation);
        var restarted = await ResourceAsync(dashboard, static sample => sample.GetProperty("replicas")[0].GetProperty("restarts").GetInt32() == 2, "two restarts");
        Assert.NotEqual(second, restarted.GetProperty("replicas")[0].GetProperty("processId").GetInt32());
    }

    [Fact]
    public async Task A_dashboard_that_was_killed_comes_back_with_the_whole_picture()
    {
        var (app, dashboard) = await StartWithDashboardAsync();
        await app.Replica("dashboard").KillAsync();
        await app.Replica("dashboard").WaitUntilHealthyAsync(Cancellation);

        await ResourceAsync(dashboard, static sample => sample.GetProperty("state").GetString() == "Running", "the sample, after the restart");
        await Eventually.TrueAsync(async () => (await dashboard.GetStringAsync("/console?process=sample", Cancellation)).Contains("Now listening on", StringComparison.Ordinal), "the sample's first line, after the restart");
    }

    [Fact]
    public async Task Nobody_else_learns_from_the_engine_what_runs()
    {
        var (app, dashboard) = await StartWithDashboardAsync();
        await ResourceAsync(dashboard, static _ => true, "the sample");
        var variables = app.Replica("dashboard").Environment;
        using var stranger = new HttpClient { BaseAddress = new Uri(variables["DASHBOARD_RESOURCE_SERVICE_URL"]) };

        using var watch = await stranger.GetAsync("/watch", Cancellation);
        using var stop = await stranger.PostAsync("/resources/sample/stop", null, Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (watch.StatusCode, stop.StatusCode));
        Assert.True(stranger.BaseAddress.IsLoopback);
    }

    [Fact]
    public async Task The_address_with_the_token_is_printed_and_logs_in()
    {
        await using var process = AppHostProcess.Run(["--ephemeral", $"--sample-port={FreePort.Next()}", $"--dashboard-port={FreePort.Next()}"]);
        await process.SaysAsync("/login?t=");
        var address = process.Output.Split('\n').First(static line => line.Contains("/login?t=", StringComparison.Ordinal)).Split("Dashboard: ")[1].Trim();

        using var browser = new HttpClient();
        var page = await browser.GetStringAsync(new Uri(address), Cancellation);

        Assert.Contains("<h1>Resources</h1>", page, StringComparison.Ordinal);
    }

    private async Task<(DistributedApplication App, HttpClient Dashboard)> StartWithDashboardAsync(Action<IDistributedApplicationTestingBuilder>? change = null)
    {
        var app = await StartHealthyAsync(change, "--dashboard=true", $"--dashboard-token={Token}");
        await app.ResourceNotifications.WaitForResourceHealthyAsync("dashboard", Cancellation);
        var dashboard = app.CreateHttpClient("dashboard"); // keeps cookies, as a browser does: a bearer token would not follow the redirects
        (await dashboard.GetAsync($"/login?t={Token}", Cancellation)).Dispose();
        return (app, dashboard);
    }

    /// <summary>What the dashboard says of the sample, once it says this.</summary>
    private static Task<JsonElement> ResourceAsync(HttpClient dashboard, Func<JsonElement, bool> condition, string what) =>
        Eventually.BecomesAsync(
            async () => (await dashboard.GetFromJsonAsync<JsonElement[]>("/api/resources", Cancellation))!.FirstOrDefault(static resource => resource.GetProperty("name").GetString() == "sample"),
            sample => sample.ValueKind == JsonValueKind.Object && condition(sample),
            what, TimeSpan.FromSeconds(60));

    private static async Task CommandAsync(HttpClient dashboard, string command, HttpStatusCode expected)
    {
        using var answer = await dashboard.PostAsync($"/resources/sample/{command}", null, Cancellation);
        Assert.Equal(expected, answer.StatusCode);
    }

    /// <summary>An export of nothing: an empty message.</summary>
    private static async Task<HttpStatusCode> ExportAsync(Uri endpoint, string key)
    {
        using var client = new HttpClient { BaseAddress = endpoint };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new("application/x-protobuf");
        request.Headers.Add("x-otlp-api-key", key);
        using var response = await client.SendAsync(request, Cancellation);
        return response.StatusCode;
    }
}
