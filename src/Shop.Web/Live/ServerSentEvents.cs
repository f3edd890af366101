using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Shop.Redis.Live;

namespace Shop.Web.Live;

/// <summary>
/// A live log as server-sent events. The id of an event is its cursor, so that a browser which comes back with
/// <c>Last-Event-ID</c> goes on where it was, on any replica. A comment every 15 seconds keeps proxies from closing an idle stream.
/// </summary>
/// <param name="items">The items; their end ends the stream.</param>
/// <param name="eventName">The <c>event:</c> of each.</param>
/// <param name="json">How an item is written in <c>data:</c>.</param>
public sealed class ServerSentEvents<T>(IAsyncEnumerable<LiveItem<T>> items, string eventName, JsonTypeInfo<T> json) : IResult
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            httpContext.RequestAborted, httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        await using var reader = items.GetAsyncEnumerator(ending.Token);
        try
        {
            await WriteAsync(response, "retry: 1000\n\n", ending.Token);
            var next = reader.MoveNextAsync().AsTask();
            while (true)
            {
                if (await Task.WhenAny(next, Task.Delay(Heartbeat, ending.Token)) != next)
                {
                    ending.Token.ThrowIfCancellationRequested();
                    await WriteAsync(response, ": still here\n\n", ending.Token);
                    continue;
                }

                if (!await next)
                    return;
                var item = reader.Current;
                await WriteAsync(response, $"id: {item.Cursor}\nevent: {eventName}\ndata: {JsonSerializer.Serialize(item.Value, json)}\n\n", ending.Token);
                next = reader.MoveNextAsync().AsTask();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // the browser left, or this replica ends: the browser comes back to another with its Last-Event-ID
        }
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.WriteAsync(text, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
