using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Shop.Redis.Live;
using Shop.Web.Sessions;

namespace Shop.Web.Live;

/// <summary>One event of a stream.</summary>
/// <param name="Id">Where a browser that comes back goes on; null for an event of the moment, which leaves that place where it is.</param>
/// <param name="Name">The <c>event:</c>.</param>
/// <param name="Data">The <c>data:</c>, one line.</param>
public sealed record ServerSentEvent(string? Id, string Name, string Data)
{
    /// <summary>An item of a live log: the id is its cursor.</summary>
    public static ServerSentEvent Of<T>(LiveItem<T> item, string name, JsonTypeInfo<T> json) => new(item.Cursor.ToString(), name, JsonSerializer.Serialize(item.Value, json));

    internal string Text => Id is null ? $"event: {Name}\ndata: {Data}\n\n" : $"id: {Id}\nevent: {Name}\ndata: {Data}\n\n";
}

/// <summary>A live log as server-sent events.</summary>
/// <param name="items">The items; their end ends the stream.</param>
/// <param name="eventName">The <c>event:</c> of each.</param>
/// <param name="json">How an item is written in <c>data:</c>.</param>
public sealed class ServerSentEvents<T>(IAsyncEnumerable<LiveItem<T>> items, string eventName, JsonTypeInfo<T> json)
    : ServerSentEvents(items.Select(item => ServerSentEvent.Of(item, eventName, json)));

/// <summary>
/// Server-sent events. A browser which comes back with <c>Last-Event-ID</c> goes on where it was, on any replica. A comment every
/// 15 seconds keeps proxies from closing an idle stream. Whoever signs out gets no event from a second later on, and the stream ends.
/// </summary>
/// <param name="events">The events; their end ends the stream.</param>
public class ServerSentEvents(IAsyncEnumerable<ServerSentEvent> events) : IResult
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>A burst of events asks once a second whether its reader is still signed in.</summary>
    private static readonly TimeSpan TrustInterval = TimeSpan.FromSeconds(1);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";

        var reader = new Reader(httpContext);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            httpContext.RequestAborted, httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        await using var source = events.GetAsyncEnumerator(ending.Token);
        var next = source.MoveNextAsync().AsTask();
        using var heart = new PeriodicTimer(Heartbeat);
        var beat = heart.WaitForNextTickAsync(ending.Token).AsTask();
        try
        {
            await WriteAsync(response, "retry: 1000\n\n", ending.Token);
            while (true)
            {
                var idle = await Task.WhenAny(next, beat) != next;
                ending.Token.ThrowIfCancellationRequested();
                if ((!idle && !await next) || !await reader.IsSignedInAsync(ending.Token))
                    return;
                if (idle)
                {
                    await WriteAsync(response, ": still here\n\n", ending.Token);
                    beat = heart.WaitForNextTickAsync(ending.Token).AsTask();
                }
                else
                {
                    await WriteAsync(response, source.Current.Text, ending.Token);
                    next = source.MoveNextAsync().AsTask();
                }
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // the browser left, or this replica ends: the browser comes back to another with its Last-Event-ID
        }
        finally
        {
            // An enumerator must not be disposed while it moves.
            await ending.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.WriteAsync(text, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>Whoever asked for the stream; asked for again at most once per <see cref="TrustInterval"/>.</summary>
    private sealed class Reader(HttpContext context)
    {
        private readonly StillSignedIn _access = context.RequestServices.GetRequiredService<StillSignedIn>();
        private readonly TimeProvider _clock = context.RequestServices.GetRequiredService<TimeProvider>();
        private long _asked = context.RequestServices.GetRequiredService<TimeProvider>().GetTimestamp();

        public async Task<bool> IsSignedInAsync(CancellationToken cancellationToken)
        {
            if (_clock.GetElapsedTime(_asked) < TrustInterval)
                return true;
            _asked = _clock.GetTimestamp();
            return await _access.CheckAsync(context, cancellationToken);
        }
    }
}
