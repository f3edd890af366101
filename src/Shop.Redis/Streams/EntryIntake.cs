using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>Sorts what was read: events go to the lanes, events for another group are acknowledged, and what is no event goes to the dead letters.</summary>
internal sealed class EntryIntake(StreamConsumerGroupOptions options, KeyLanes lanes, Acknowledger acknowledger, DeadLetterWriter deadLetters)
{
    public void Take(StreamEntry entry, bool redelivered)
    {
        if (entry.IsNull)
            return;

        // Deleted while it was pending: it comes back without fields, and there is nothing left to handle.
        if (entry.Values.Length == 0)
        {
            acknowledger.Acknowledge(entry.Id);
            return;
        }

        if (!StreamEntryCodec.TryDecode(entry.Values, out var message, out var group, out var defect))
            deadLetters.Post(entry.Id.ToString(), defect);
        else if (group is not null && group != options.Group)
            acknowledger.Acknowledge(entry.Id);
        else
            lanes.Add(new HeldEntry(entry.Id.ToString(), message, redelivered));
    }
}
