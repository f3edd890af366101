using System.Net;
using System.Net.Http.Json;
using Aspire.Hosting.Testing;

namespace Shop.SystemTests.Hosting;

public sealed class DashboardTests : HostingTest
{
    [Fact]
    public async Task The_dashboard_runs_on_demand_and_services_are_told_to_report_to_it()
    {
        var app = await StartHealthyAsync(null, "--dashboard=true");
        await app.ResourceNotifications.WaitForResourceHealthyAsync("dashboard", Cancellation);
        using var client = app.CreateHttpClient("sample");
        var variables = (await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", Cancellation))!;

        Assert.Equal(app.GetEndpoint("dashboard", "otlp-grpc"), new Uri(variables["OTEL_EXPORTER_OTLP_ENDPOINT"]));
        var key = variables["OTEL_EXPORTER_OTLP_HEADERS"].Split("x-otlp-api-key=")[1];
        Assert.Equal(HttpStatusCode.OK, await ExportAsync(app.GetEndpoint("dashboard", "otlp-http"), key));
        Assert.Equal(HttpStatusCode.Unauthorized, await ExportAsync(app.GetEndpoint("dashboard", "otlp-http"), "another"));
    }

    [Fact]
    public async Task In_tests_there_is_none_unless_it_is_asked_for()
    {
        var app = await StartHealthyAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("dashboard", Cancellation));
        using var client = app.CreateHttpClient("sample");
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", (await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", Cancellation))!.Keys);
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
