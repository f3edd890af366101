using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Shop.Dashboard.Otlp.Wire;

namespace Shop.Dashboard.Otlp;

/// <summary>OTLP over HTTP, in its binary form. Compressed bodies are unpacked by the request decompression middleware.</summary>
internal static class OtlpHttp
{
    private const string Protobuf = "application/x-protobuf";

    public static void MapOtlpHttp(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/v1/traces", ExportTraceServiceRequest.Parser, static (receiver, request) => receiver.Receive(request));
        Map(routes, "/v1/logs", ExportLogsServiceRequest.Parser, static (receiver, request) => receiver.Receive(request));
        Map(routes, "/v1/metrics", ExportMetricsServiceRequest.Parser, static (receiver, request) => receiver.Receive(request));
    }

    private static void Map<TRequest>(
        IEndpointRouteBuilder routes, string path, MessageParser<TRequest> parser, Func<OtlpReceiver, TRequest, IMessage> receive)
        where TRequest : IMessage<TRequest>
    {
        var lenient = parser.WithDiscardUnknownFields(true);
        routes.MapPost(path, async Task<Results<FileContentHttpResult, ProblemHttpResult>> (HttpRequest request, OtlpReceiver receiver, CancellationToken cancellationToken) =>
        {
            if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(Protobuf, StringComparison.OrdinalIgnoreCase))
                return TypedResults.Problem($"Content-Type is '{request.ContentType}'; only {Protobuf} is understood. Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.", statusCode: StatusCodes.Status415UnsupportedMediaType);
            try
            {
                var answer = receive(receiver, await ReadAsync(request.BodyReader, lenient, cancellationToken));
                return TypedResults.File(answer.ToByteArray(), Protobuf);
            }
            catch (BadHttpRequestException e)
            {
                return TypedResults.Problem(e.Message, statusCode: e.StatusCode);
            }
            catch (Exception e) when (e is InvalidProtocolBufferException or InvalidDataException)
            {
                return TypedResults.Problem($"The body is no {typeof(TRequest).Name}: {e.Message}", statusCode: StatusCodes.Status400BadRequest);
            }
        });
    }

    /// <summary>Lets the pipe gather the whole body and parses it where it lies.</summary>
    private static async Task<TRequest> ReadAsync<TRequest>(PipeReader body, MessageParser<TRequest> parser, CancellationToken cancellationToken)
        where TRequest : IMessage<TRequest>
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (!read.IsCompleted)
            {
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }
            try
            {
                return parser.ParseFrom(read.Buffer);
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }
        }
    }
}
