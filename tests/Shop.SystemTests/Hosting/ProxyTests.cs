using System.Net;
using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;
using Shop.EmbeddedHosting.Proxy;

namespace Shop.SystemTests.Hosting;

public sealed class ProxyTests : HostingTest
{
    [Fact]
    public async Task Requests_are_spread_over_the_replicas()
    {
        var app = await StartHealthyAsync();
        using var client = app.CreateHttpClient("sample");

        var answers = new List<string>();
        for (var i = 0; i < 20; i++)
            answers.Add(await client.GetStringAsync("/who", Cancellation));

        Assert.Equal(["sample-0", "sample-1"], answers.Distinct().Order());
    }

    [Fact]
    public async Task An_event_arrives_while_its_stream_is_still_open()
    {
        var app = await StartHealthyAsync();
        using var client = app.CreateHttpClient("sample");

        using var response = await client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("data: first", await lines.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
    }

    [Fact]
    public async Task A_request_reaches_the_service_as_it_was_sent()
    {
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var app = await StartHealthyAsync();
        using var client = app.CreateHttpClient("sample");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo") { Content = new StringContent(new string('x', 200_000)) };
        request.Headers.Add("traceparent", TraceParent);

        using var response = await client.SendAsync(request, Cancellation);
        var echo = await response.Content.ReadFromJsonAsync<Echo>(Cancellation);

        Assert.Equal(app.GetEndpoint("sample").Authority, echo!.Host);
        Assert.Equal(TraceParent, echo.TraceParent);
        Assert.Equal(200_000, echo.Body.Length);
    }

    [Fact]
    public async Task A_paused_replica_gets_no_requests_until_it_goes_on()
    {
        var app = await StartHealthyAsync();
        using var client = app.CreateHttpClient("sample");
        var paused = app.Replica("sample", 0);

        paused.Pause();
        await Eventually.TrueAsync(() => Task.FromResult(!IsHealthy(app)), "the paused replica to be noticed", TimeSpan.FromSeconds(30));
        for (var i = 0; i < 10; i++)
            Assert.Equal("sample-1", await client.GetStringAsync("/who", Cancellation));

        paused.Resume();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation);
        await Eventually.TrueAsync(async () => await client.GetStringAsync("/who", Cancellation) == "sample-0", "a request for the replica that went on");
    }

    [Fact]
    public async Task An_order_is_placed_although_the_replica_of_choice_has_just_died()
    {
        // The engine has not seen the death yet: the connection is refused, so nothing was sent, and the other replica takes even a POST.
        var app = await StartHealthyAsync();
        var alive = new ProxyTarget(app.Replica("sample", 0).Address.Port) { State = TargetState.Healthy };
        var dead = new ProxyTarget(Shop.EmbeddedHosting.Servers.FreePort.Next()) { State = TargetState.Healthy };
        await using var proxy = new ReplicaProxy();
        var port = Shop.EmbeddedHosting.Servers.FreePort.Next();
        proxy.Add(new ProxyRoute("sample", port, [dead, alive]));
        await proxy.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") };

        for (var i = 0; i < 4; i++)
        {
            using var response = await client.PostAsync("/echo", new StringContent($"order {i}"), Cancellation);
            Assert.Equal($"order {i}", (await response.Content.ReadFromJsonAsync<Echo>(Cancellation))!.Body);
        }
    }

    [Fact]
    public async Task Before_a_replica_is_ready_the_address_says_so()
    {
        var app = await StartAsync(static builder => Sample(builder).WithEnvironment("SAMPLE_READY_FILE", "/no/such/file"));
        using var client = app.CreateHttpClient("sample");

        using var response = await client.GetAsync("/who", Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("sample", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static bool IsHealthy(DistributedApplication app) => app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation).IsCompleted;

    private sealed record Echo(string Host, string TraceParent, string Body);
}
