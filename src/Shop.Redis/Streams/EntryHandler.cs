using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Shop.Redis.Streams;

/// <summary>
/// Brings one entry to the user's handler, and decides what its outcome means: acknowledge, try again later, or give up. Every
/// delivery is counted in Redis before the handler runs, so that a message which kills its process runs out of deliveries too.
/// </summary>
internal sealed class EntryHandler(
    GroupCommands commands, StreamConsumerGroupOptions options, StreamHandler handler, PartitionOwner owner, Acknowledger acknowledger, DeadLetterWriter deadLetters, RedisOutage outage, TimeProvider clock, ILogger logger)
{
    /// <param name="entry">The entry.</param>
    /// <param name="abort">Cancelled when a shutdown has waited long enough.</param>
    public async ValueTask<Handled> HandleAsync(HeldEntry entry, CancellationToken abort)
    {
        // The partition may be another's by now, and the entry with it.
        if (!owner.MayWork || abort.IsCancellationRequested)
            return new Handled(Verdict.Gone);

        try
        {
            if (entry.DeadBecause is null)
            {
                if (entry.CountBeforeHandling && !await CountAsync(entry).ConfigureAwait(false))
                    return new Handled(Verdict.Gone);
                if (entry.Attempt > options.MaxDeliveries)
                {
                    entry.Attempt--;
                    entry.DeadBecause = $"Not handled in {entry.Attempt} deliveries: its consumers died, or their last failures were not recorded.";
                }
                else if (await TryHandleAsync(entry, abort).ConfigureAwait(false) is not { } error)
                {
                    acknowledger.Acknowledge(entry.Id);
                    return new Handled(Verdict.Acknowledging);
                }
                else if (error is OperationCanceledException && abort.IsCancellationRequested)
                {
                    return new Handled(Verdict.Gone); // no failure of its own: another consumer tries it again
                }
                else if (error is not DeadLetterException && entry.Attempt < options.MaxDeliveries)
                {
                    return TryAgain(entry, error);
                }
                else
                {
                    entry.DeadBecause = error.Message;
                }
            }

            await deadLetters.WriteAsync(entry.Id, entry.DeadBecause, entry.LastError, entry.Attempt).ConfigureAwait(false);
            return new Handled(Verdict.Gone);
        }
        catch (Exception exception) when (RedisOutage.IsGroupMissing(exception))
        {
            return new Handled(Verdict.Gone); // wiped: whoever fills the stream again brings the entry back
        }
        catch (Exception exception) when (RedisOutage.IsAway(exception))
        {
            outage.Failed(exception);
            return Handled.Again(RedisOutage.PauseAfter(5));
        }
    }

    /// <summary>False when the entry is no longer this consumer's: acknowledged, taken over, or gone with a wipe.</summary>
    private async ValueTask<bool> CountAsync(HeldEntry entry)
    {
        entry.Attempt = await commands.RecountAsync(entry.Id).ConfigureAwait(false);
        entry.CountBeforeHandling = false;
        if (entry.Attempt > 1)
            StreamTelemetry.Redeliveries.Add(1, StreamTelemetry.Tags(options.Stream, options.Group));
        return entry.Attempt > 0;
    }

    private Handled TryAgain(HeldEntry entry, Exception error)
    {
        entry.LastError = error;
        entry.CountBeforeHandling = true;
        var wait = options.BackoffAfter(entry.Attempt);
        logger.DeliveryFailed(error, options.Stream, options.Group, entry.Id, entry.Message.Type, entry.Message.Key, entry.Attempt, wait);
        return Handled.Again(wait);
    }

    /// <summary>Null when the handler returned; else what it threw.</summary>
    private async ValueTask<Exception?> TryHandleAsync(HeldEntry entry, CancellationToken abort)
    {
        var delivery = new StreamDelivery(options.Stream, options.Group, entry.Id, entry.Attempt, entry.Message);
        using var activity = StreamTelemetry.StartProcess(delivery);
        var started = clock.GetTimestamp();
        Exception? error = null;
        try
        {
            await handler(delivery, abort).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            error = entry.LastError = exception;
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message)
                .SetTag("error.type", exception.GetType().FullName)
                .AddException(exception);
        }

        StreamTelemetry.Processed(options, clock.GetElapsedTime(started), error);
        return error;
    }
}
