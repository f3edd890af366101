using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Shop.Redis.Streams;

/// <summary>Writes dead letters: after the last delivery, and for entries that are no events.</summary>
internal sealed class DeadLetterWriter(GroupCommands commands, StreamConsumerGroupOptions options, RedisOutage outage, ILogger logger)
{
    private const int MaxExceptionLength = 16 * 1024;

    private readonly Channel<(string EntryId, string Reason)> _posted = Channel.CreateUnbounded<(string, string)>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Moves an entry; throws when Redis is away.</summary>
    public async Task WriteAsync(string entryId, string reason, Exception? exception, int deliveries)
    {
        var text = exception?.ToString() ?? "";
        if (text.Length > MaxExceptionLength)
            text = string.Concat(text.AsSpan(0, MaxExceptionLength), "…");
        if (!await commands.DeadLetterAsync(entryId, reason, text, deliveries).ConfigureAwait(false))
            return;
        StreamTelemetry.DeadLetters.Add(1, StreamTelemetry.Tags(options.Stream, options.Group));
        logger.DeadLettered(exception, options.Stream, options.Group, entryId, reason);
    }

    /// <summary>Has an entry moved that nobody waits for, by <see cref="RunAsync"/>.</summary>
    public void Post(string entryId, string reason) => _posted.Writer.TryWrite((entryId, reason));

    /// <summary>Takes no more; <see cref="RunAsync"/> writes what is left and ends.</summary>
    public void Complete() => _posted.Writer.TryComplete();

    /// <param name="abandon">Gives up on Redis, at the end of a shutdown.</param>
    public async Task RunAsync(CancellationToken abandon)
    {
        await foreach (var (entryId, reason) in _posted.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (!await outage.RetryAsync(() => WriteAsync(entryId, reason, exception: null, deliveries: 1), abandon).ConfigureAwait(false))
                return;
        }
    }
}
