using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults;
using Shop.Dashboard.Api;
using Shop.Testing;
using Shop.Tests.Dashboard;
using Xunit;

namespace Shop.Tests.Defaults;

/// <summary>A host with the telemetry of every service, and what of it arrives at a real receiver.</summary>
public sealed class TelemetryDefaultsTests : IDisposable
{
    /// <summary>The services' own sources begin so.</summary>
    private readonly ActivitySource _source = new($"Shop.Test.{Guid.CreateVersion7():N}");

    [Theory]
    [InlineData("", "fails", "fine", "slow")]
    [InlineData("--Shop:Telemetry:TraceRatio=0", "fails", "slow")]
    public async Task Of_sampled_traces_those_that_failed_or_were_slow_arrive_whole(string sampling, params string[] expected)
    {
        await using var dashboard = await RunningDashboard.StartAsync("secret");

        await ServeAsync(dashboard, sampling, "fine", "fails", "slow"); // to its end, which sends what is left

        var traces = (await Eventually.BecomesAsync(
            () => dashboard.GetAsync<IReadOnlyList<TraceView>>("/api/traces?noise=true&limit=1000"), found => Served(found).Count() >= expected.Length, $"the traces of {string.Join(", ", expected)}"))!;
        Assert.Equal(expected.Select(static name => ($"GET /served/{name}", 2)), Served(traces).Select(static trace => (trace.Name, trace.SpanCount)).Order());

        static IEnumerable<TraceView> Served(IReadOnlyList<TraceView> traces) => traces.Where(static trace => trace.Name.StartsWith("GET /served/", StringComparison.Ordinal));
    }

    public void Dispose() => _source.Dispose();

    private async Task ServeAsync(RunningDashboard dashboard, string sampling, params string[] paths)
    {
        var builder = WebApplication.CreateBuilder(
        [
            "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning", "--OTEL_SERVICE_NAME=sampled",
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={dashboard.OtlpGrpc}", "--OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "--OTEL_EXPORTER_OTLP_HEADERS=x-otlp-api-key=secret", sampling,
        ]);
        builder.AddTelemetry();
        await using var app = builder.Build();
        app.MapGet("/served/fine", () => Work());
        app.MapGet("/served/fails", () => Work(static work => work.SetStatus(ActivityStatusCode.Error)));
        app.MapGet("/served/slow", () => Work(static work => work.SetEndTime(work.StartTimeUtc.AddSeconds(2))));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
        foreach (var path in paths)
            Assert.True((await client.GetAsync($"/served/{path}", TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    private IResult Work(Action<Activity>? happens = null)
    {
        using var work = _source.StartActivity("work")!;
        happens?.Invoke(work);
        return TypedResults.Ok();
    }
}
