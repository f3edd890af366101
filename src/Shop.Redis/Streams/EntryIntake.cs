using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>Sorts what was read: events go to the lanes, events for another group are acknowledged, and what is no event goes to the dead letters.</summary>
internal sealed class EntryIntake(StreamConsumerGroupOptions options, KeyLanes lanes, Acknowledger acknowledger, DeadLetterWriter deadLetters)
{
    /// <param name="entry">As read.</param>
    /// <param name="redelivered">Whether it was delivered before, to whomever.</param>
    public void Take(StreamEntry entry, bool redelivered)
    {
        if (entry.IsNull)
            return;

        var id = entry.Id.ToString();

        // Deleted while it was pending: it comes back without fields, and there is nothing left to handle.
        if (entry.Values.Length == 0)
        {
            acknowledger.Acknowledge(id);
            return;
        }

        var isEvent = StreamEntryCodec.TryDecode(entry.Values, out var message, out var group, out var defect);
        if (!string.IsNullOrEmpty(group) && group != options.Group)
            acknowledger.Acknowledge(id);
        else if (isEvent)
            lanes.Add(new HeldEntry(id, message!, redelivered));
        else
            deadLetters.Post(id, defect!);
    }
}
