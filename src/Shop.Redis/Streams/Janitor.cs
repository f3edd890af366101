using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>Trims what every group has acknowledged, removes consumers that are gone, and measures the group. All of it may run in several processes at once.</summary>
internal sealed class Janitor(IDatabase database, StreamKeys keys, StreamConsumerGroupOptions options, StreamScripts scripts, TimeProvider clock, ILogger logger)
{
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    public async Task RunOnceAsync()
    {
        var seen = await scripts.TidyAsync(options.GroupGrace, options.KeepEntries).ConfigureAwait(false);
        foreach (var group in seen.AbsentGroups.Where(_reported.Add))
            logger.GroupPastGrace(options.Stream, group, options.GroupGrace);
        _reported.IntersectWith(seen.AbsentGroups);

        var age = seen.OldestPending is { } oldest ? clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds((long)oldest.Milliseconds) : TimeSpan.Zero;
        StreamTelemetry.Report(new StreamGroupFacts(
            options.Stream, options.Group, seen.Length, seen.Lag, seen.Pending, age < TimeSpan.Zero ? TimeSpan.Zero : age, seen.Consumers));
        await RemoveGoneConsumersAsync().ConfigureAwait(false);
    }

    /// <summary>XGROUP DELCONSUMER throws a consumer's pending entries away: only one that has none is removed (its entries are claimed first), in a transaction that would notice a new one.</summary>
    private async Task RemoveGoneConsumersAsync()
    {
        foreach (var consumer in await database.StreamConsumerInfoAsync(keys.Stream, options.Group).ConfigureAwait(false))
        {
            if (consumer.Name != options.Consumer && consumer.PendingMessageCount == 0 && consumer.IdleTimeInMilliseconds > options.ConsumerExpiry.TotalMilliseconds
                && await scripts.RemoveConsumerAsync(consumer.Name).ConfigureAwait(false))
            {
                logger.ConsumerRemoved(options.Stream, options.Group, consumer.Name);
            }
        }
    }
}
