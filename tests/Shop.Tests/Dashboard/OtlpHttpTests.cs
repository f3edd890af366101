using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Shop.Dashboard;
using Shop.Dashboard.Api;
using Shop.Dashboard.Otlp.Wire;
using Xunit;

namespace Shop.Tests.Dashboard;

public sealed class OtlpHttpTests
{
    private readonly OrderTelemetry _order = new();

    [Fact]
    public async Task A_gzipped_export_is_taken()
    {
        await using var dashboard = await RunningDashboard.StartAsync();
        var export = _order.Exports.First();

        using var response = await SendAsync(dashboard, Gzip(export.ToByteArray()), encoding: "gzip");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/x-protobuf", response.Content.Headers.ContentType?.MediaType);
        await dashboard.TraceAsync(_order.TraceId, export.ResourceSpans[0].ScopeSpans[0].Spans.Count);
    }

    [Fact]
    public async Task An_export_that_unpacks_to_more_than_the_cap_is_refused()
    {
        await using var dashboard = await RunningDashboard.StartAsync();

        using var response = await SendAsync(dashboard, Gzip(new byte[DashboardHost.MaxExportSize + 1]), encoding: "gzip");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("gzip")]
    public async Task A_body_that_is_no_export_is_a_bad_request(string encoding)
    {
        await using var dashboard = await RunningDashboard.StartAsync();

        using var response = await SendAsync(dashboard, "not protobuf, nor gzip"u8.ToArray(), encoding == "gzip" ? encoding : null);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_json_export_is_told_which_format_is_understood()
    {
        await using var dashboard = await RunningDashboard.StartAsync();

        using var response = await SendAsync(dashboard, "{}"u8.ToArray(), contentType: "application/json");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("http/protobuf", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spans_without_ids_are_refused_and_counted_and_the_others_kept()
    {
        await using var dashboard = await RunningDashboard.StartAsync();
        var export = _order.Exports.First();
        export.ResourceSpans[0].ScopeSpans[0].Spans.Add(new Span { Name = "no ids" });

        using var response = await dashboard.PostAsync("v1/traces", export);

        var answer = ExportTraceServiceResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, answer.PartialSuccess.RejectedSpans);
        Assert.Equal(1, (await dashboard.GetAsync<StatusView>("/api/status")).Invalid);
        await dashboard.TraceAsync(_order.TraceId, export.ResourceSpans[0].ScopeSpans[0].Spans.Count - 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData("secre")]
    public async Task Without_the_key_nothing_is_taken_over_http(string? key)
    {
        await using var dashboard = await RunningDashboard.StartAsync("secret");

        foreach (var path in new[] { "v1/traces", "v1/logs", "v1/metrics" })
        {
            using var refused = await dashboard.PostAsync(path, _order.Exports.First(), key);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var accepted = await dashboard.PostAsync("v1/traces", _order.Exports.First(), "secret");
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Theory]
    [InlineData(null, StatusCode.Unauthenticated)]
    [InlineData("wrong", StatusCode.Unauthenticated)]
    [InlineData("secret", StatusCode.OK)]
    public async Task Only_the_key_opens_the_grpc_port(string? key, StatusCode expected)
    {
        await using var dashboard = await RunningDashboard.StartAsync("secret");
        var headers = new Metadata();
        if (key is not null)
            headers.Add("x-otlp-api-key", key);

        Assert.Equal(expected, await ExportAsync(dashboard.OtlpGrpc, headers));
    }

    [Fact]
    public async Task A_gzipped_grpc_call_is_taken()
    {
        await using var dashboard = await RunningDashboard.StartAsync();

        Assert.Equal(StatusCode.OK, await ExportAsync(dashboard.OtlpGrpc, new Metadata { { "grpc-internal-encoding-request", "gzip" } }));
        await dashboard.TraceAsync(_order.TraceId, 1);
    }

    [Fact]
    public async Task Each_port_has_one_job()
    {
        await using var dashboard = await RunningDashboard.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(new Uri(dashboard.OtlpHttp, "/traces")));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(new Uri(dashboard.OtlpHttp, "/api/traces")));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(new Uri(dashboard.Pages, "/health")));
        using var response = await SendAsync(dashboard, _order.Exports.First().ToByteArray(), to: new Uri(dashboard.Pages, "/v1/traces"));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);

        async Task<HttpStatusCode> GetAsync(Uri address)
        {
            using var answer = await dashboard.Client.GetAsync(address, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    private async Task<StatusCode> ExportAsync(Uri address, Metadata headers)
    {
        using var channel = GrpcChannel.ForAddress(address);
        var export = new Method<ExportTraceServiceRequest, ExportTraceServiceResponse>(
            MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", Marshal(ExportTraceServiceRequest.Parser), Marshal(ExportTraceServiceResponse.Parser));
        try
        {
            await channel.CreateCallInvoker().AsyncUnaryCall(export, null, new CallOptions(headers, cancellationToken: TestContext.Current.CancellationToken), _order.Exports.First());
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static Marshaller<T> Marshal<T>(MessageParser<T> parser)
        where T : IMessage<T> =>
        Marshallers.Create(static message => message.ToByteArray(), parser.ParseFrom);

    private static async Task<HttpResponseMessage> SendAsync(
        RunningDashboard dashboard, byte[] body, string? encoding = null, string contentType = "application/x-protobuf", Uri? to = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return await dashboard.Client.PostAsync(to ?? new Uri(dashboard.OtlpHttp, "v1/traces"), content, TestContext.Current.CancellationToken);
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }
}
