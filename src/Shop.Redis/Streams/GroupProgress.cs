namespace Shop.Redis.Streams;

/// <summary>How far a group has come, as of one moment: what it has handled without a gap.</summary>
public sealed class GroupProgress
{
    private readonly EntryId _lastDelivered;
    private readonly EntryId? _oldestPending;

    internal GroupProgress(string lastDelivered, string? oldestPending)
    {
        _lastDelivered = EntryId.Parse(lastDelivered);
        _oldestPending = oldestPending is null ? null : EntryId.Parse(oldestPending);
    }

    /// <summary>
    /// Whether the group is done with an entry (handled, passed over or dead): it was delivered, and is older than everything pending.
    /// False for entries behind the oldest pending one, though they may be done too.
    /// </summary>
    /// <param name="entryId">The entry's id, for example <c>1719230400000-0</c>.</param>
    /// <exception cref="FormatException">It is no entry id.</exception>
    public bool IsDoneWith(string entryId)
    {
        var id = EntryId.Parse(entryId);
        return id.CompareTo(_lastDelivered) <= 0 && (_oldestPending is not { } pending || id.CompareTo(pending) < 0);
    }
}
