using Microsoft.Extensions.Logging;

namespace Shop.Redis.Streams;

/// <summary>Trims what every group has acknowledged, removes consumers that are gone, and measures the group. All of it may run in several processes at once.</summary>
internal sealed class Janitor(GroupCommands commands, StreamConsumerGroupOptions options, StreamInspector inspector, ILogger logger)
{
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    public async Task RunOnceAsync()
    {
        var absent = await commands.TidyAsync(options.GroupGrace, options.KeepEntries).ConfigureAwait(false);
        foreach (var group in absent.Where(_reported.Add))
            logger.GroupPastGrace(options.Stream, group, options.GroupGrace);
        _reported.IntersectWith(absent);

        var facts = await inspector.InspectAsync(options.Stream).ConfigureAwait(false);
        if (facts.Groups.FirstOrDefault(group => group.Group == options.Group) is { } own)
            StreamTelemetry.Report(own, facts.DeadLetters);
        await RemoveGoneConsumersAsync().ConfigureAwait(false);
    }

    /// <summary>XGROUP DELCONSUMER throws a consumer's pending entries away: only one that has none is removed (its entries are claimed first), in a script that would notice a new one.</summary>
    private async Task RemoveGoneConsumersAsync()
    {
        foreach (var consumer in await commands.ConsumersAsync().ConfigureAwait(false))
        {
            if (consumer.Name != options.Consumer && consumer.PendingMessageCount == 0 && consumer.IdleTimeInMilliseconds > options.ConsumerExpiry.TotalMilliseconds
                && await commands.RemoveConsumerAsync(consumer.Name).ConfigureAwait(false))
            {
                logger.ConsumerRemoved(options.Stream, options.Group, consumer.Name);
            }
        }
    }
}
