using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>
/// One log's subscription: opened when the first reader asks, parsed once per push, and opened anew by the next reader's asking
/// when it was lost.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="channel">Its channel.</param>
/// <param name="subscriber">The connection.</param>
/// <param name="wire">Held while a SUBSCRIBE or UNSUBSCRIBE is written: one of an old reader must not overtake one of a new reader.</param>
/// <param name="json">How to read an item.</param>
/// <param name="pushed">Told of each item, in the order of the pushes.</param>
/// <param name="doubted">Told when pushes may have been missed.</param>
/// <param name="logger">Told of messages that are no items.</param>
internal sealed class LiveSubscription<T>(string log, RedisChannel channel, ISubscriber subscriber, Lock wire, JsonTypeInfo<T> json, Action<LiveItem<T>> pushed, Action doubted, ILogger logger)
{
    private readonly Lock _gate = new();
    private Task<ChannelMessageQueue>? _queue;
    private bool _closed;

    /// <summary>Completes when Redis has confirmed the subscription; a failed one is tried anew by the next call.</summary>
    public Task OpenAsync()
    {
        lock (_gate)
        {
            if (_queue is null or { IsFaulted: true } or { IsCanceled: true })
                _queue = SubscribeAsync();
            return _queue;
        }
    }

    /// <summary>After the connection was away: makes sure that the client has subscribed again, or lets the next reader do it.</summary>
    public async Task ResumeAsync(CancellationToken ct)
    {
        try
        {
            // Answered after the SUBSCRIBE that the client has sent by itself, on the same connection.
            await subscriber.PingAsync().WaitAsync(ct).ConfigureAwait(false);
            if (subscriber.SubscribedEndpoint(channel) is null)
                Drop(null);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            Drop(null); // away again, or refused: readers meet it when they subscribe
        }

        doubted();
    }

    /// <summary>Unsubscribes.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            // One that is still under way sees it when it gets there.
            if (_queue is { IsCompletedSuccessfully: true })
                Unsubscribe(_queue.Result);
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync()
    {
        ChannelMessageQueue queue;
        try
        {
            Task<ChannelMessageQueue> opening;
            lock (wire)
                opening = subscriber.SubscribeAsync(channel);
            queue = await opening.ConfigureAwait(false);
        }
        catch
        {
            // The client keeps a queue that it never gave us: it would fill for ever once Redis is back.
            lock (wire)
                subscriber.Unsubscribe(channel, flags: CommandFlags.FireAndForget);
            throw;
        }

        lock (_gate)
        {
            if (_closed)
                Unsubscribe(queue);
            else
                _ = PumpAsync(queue); // ends with the queue; what goes wrong in it, readers meet in the stream
        }

        return queue;
    }

    private async Task PumpAsync(ChannelMessageQueue queue)
    {
        await foreach (var message in queue.ConfigureAwait(false))
        {
            if (TryRead(message.Message) is { } item)
                pushed(item);
            else
                doubted();
        }

        // Unsubscribed, but not by us: another failed attempt on the same channel takes everything with it.
        if (Drop(queue))
            doubted();
    }

    private LiveItem<T>? TryRead(RedisValue message)
    {
        try
        {
            if (LiveCodec.TryReadPush(message, json, out var item))
                return item;
            logger.BadMessage(log, null);
        }
        catch (Exception exception)
        {
            // Readers meet it again in the stream, and hand it to their callers.
            logger.BadMessage(log, exception);
        }

        return null;
    }

    /// <summary>Makes the next reader subscribe anew. False when <paramref name="lost"/> is not the current queue (null stands for whichever is).</summary>
    private bool Drop(ChannelMessageQueue? lost)
    {
        lock (_gate)
        {
            if (_closed || _queue is not { IsCompletedSuccessfully: true } current || (lost is not null && current.Result != lost))
                return false;
            _queue = null;
            Unsubscribe(current.Result);
            return true;
        }
    }

    // Leaves the command to the connection: what was registered in this process is gone when it returns.
    private void Unsubscribe(ChannelMessageQueue queue)
    {
        lock (wire)
            queue.Unsubscribe(CommandFlags.FireAndForget);
    }
}
