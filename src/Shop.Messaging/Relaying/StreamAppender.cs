using System.Diagnostics;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Messaging.Relaying;

/// <summary>
/// Appends rows to their streams, to all of them in one round trip. The rows of one stream go out in one call, which Redis carries
/// out as one transaction: a connection that breaks in the middle cannot lose an append and still carry out the next one of the same key.
/// </summary>
internal sealed class StreamAppender(StreamProducer producer)
{
    /// <summary>Whether Redis is away or answers with an error: the rows stay unpublished, and the sweeper tries again.</summary>
    public static bool IsRedisTrouble(Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    /// <summary>Appends <paramref name="rows"/>, those of each stream in order, and adds what Redis confirmed to <paramref name="published"/>.</summary>
    /// <returns>What stopped it, or null when every row is in its stream.</returns>
    public async Task<Exception?> AppendAsync(IReadOnlyList<OutboxRow> rows, RelayPath path, List<PublishedRow> published)
    {
        Exception? failure = null;
        foreach (var (appended, trouble) in await Task.WhenAll(rows.GroupBy(static row => row.Stream).Select(stream => AppendAsync(stream.Key, [.. stream], path))).ConfigureAwait(false))
        {
            published.AddRange(appended);
            failure ??= trouble;
        }

        return failure;
    }

    private async Task<(List<PublishedRow> Published, Exception? Trouble)> AppendAsync(string stream, List<OutboxRow> rows, RelayPath path)
    {
        var spans = StartSpans(rows, path);
        try
        {
            var entryIds = await producer.AppendAsync(stream, Messages(rows, spans)).ConfigureAwait(false);
            MessagingTelemetry.Published.Add(rows.Count, new("messaging.destination.name", stream), new("shop.outbox.path", path.Name));
            return ([.. rows.Select((row, i) => new PublishedRow(row.Position, entryIds[i]))], null);
        }
        catch (Exception exception)
        {
            foreach (var span in spans)
                span?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception.GetType().FullName);
            if (!IsRedisTrouble(exception))
                throw;
            return ([], exception);
        }
        finally
        {
            foreach (var span in spans)
                span?.Dispose();
            Activity.Current = null;
        }
    }

    /// <summary>One span per event, in the trace of the request that caused it; none when that trace is not recorded.</summary>
    private static Activity?[] StartSpans(List<OutboxRow> rows, RelayPath path)
    {
        if (!MessagingTelemetry.Source.HasListeners())
            return [];

        var spans = new Activity?[rows.Count];
        for (var i = 0; i < spans.Length; i++)
        {
            var message = rows[i].Message;
            if (!ActivityContext.TryParse(message.TraceParent, null, isRemote: true, out var cause))
                continue;

            spans[i] = MessagingTelemetry.Source.StartActivity(
                $"send {rows[i].Stream}", ActivityKind.Producer, cause,
                [
                    new("messaging.system", "redis_streams"),
                    new("messaging.operation.type", "send"),
                    new("messaging.operation.name", "send"),
                    new("messaging.destination.name", rows[i].Stream),
                    new("messaging.message.id", message.Id.ToString()),
                    new("shop.message.type", message.Type),
                    new("shop.outbox.path", path.Name),
                ]);
            Activity.Current = null;
        }

        return spans;
    }

    /// <summary>The entry continues the trace from the relay's span, so that the hop is visible between request and consumer.</summary>
    private static List<StreamMessage> Messages(List<OutboxRow> rows, Activity?[] spans)
    {
        var messages = new List<StreamMessage>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
            messages.Add(spans is [] || spans[i] is not { } span ? rows[i].Message : rows[i].Message with { TraceParent = span.Id });
        return messages;
    }
}
