// A service small enough to watch the engine by: it tells who it is, what it was given and what reached it, and fails when asked to.
if (Environment.GetEnvironmentVariable("SAMPLE_CRASH") is { Length: > 0 } lastWords)
{
    Console.WriteLine(lastWords);
    return 3;
}

var app = WebApplication.CreateBuilder(args).Build();

// With SAMPLE_READY_FILE, it is healthy as long as that file exists.
var readyFile = Environment.GetEnvironmentVariable("SAMPLE_READY_FILE");
app.MapGet("/health", () => readyFile is null || File.Exists(readyFile) ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
// With a length, an answer is one write: a replica that is killed has sent all of it or nothing, and the proxy may ask another.
app.MapGet("/who", () => TypedResults.Text(Environment.GetEnvironmentVariable("OTEL_RESOURCE_ATTRIBUTES")!.Split('=')[1]));
app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
app.MapPost("/echo", async (HttpRequest request) =>
{
    using var body = new StreamReader(request.Body);
    return new { Host = request.Host.Value, TraceParent = request.Headers["traceparent"].ToString(), Body = await body.ReadToEndAsync() };
});
app.MapGet("/events", async (HttpContext context) =>
{
    context.Response.ContentType = "text/event-stream";
    await context.Response.WriteAsync("data: first\n\n");
    await context.Response.Body.FlushAsync();
    await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted); // the stream stays open
});

await app.RunAsync();
return 0;
