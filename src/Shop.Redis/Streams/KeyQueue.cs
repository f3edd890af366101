namespace Shop.Redis.Streams;

/// <summary>Where a key stands.</summary>
internal enum KeyState
{
    /// <summary>New, with nothing begun.</summary>
    Idle,

    /// <summary>Waits for a free lane.</summary>
    InLine,

    /// <summary>Its head is being handled.</summary>
    Running,

    /// <summary>Its head has failed and is not due yet.</summary>
    Waiting,

    /// <summary>Has no entries left.</summary>
    Discarded,
}

/// <summary>The entries of one key that are not done with, in the order of their ids. Guarded by the gate of <see cref="KeyLanes"/>.</summary>
internal sealed class KeyQueue(string key)
{
    // Most keys have one entry at a time: the list is for the others.
    private HeldEntry? _head;
    private List<HeldEntry>? _followers;

    public string Key => key;

    public KeyState State { get; set; }

    public ITimer? Timer { get; set; }

    public int Count => _head is null ? 0 : 1 + (_followers?.Count ?? 0);

    public HeldEntry Head => _head ?? throw new InvalidOperationException($"The key '{key}' has no entries.");

    public bool Contains(HeldEntry entry) => _head == entry || _followers?.Contains(entry) is true;

    /// <summary>In the place of its id, but never before a head that runs.</summary>
    public void Insert(HeldEntry entry)
    {
        if (_head is null)
        {
            _head = entry;
            return;
        }

        if (State is not KeyState.Running && entry.Order.CompareTo(_head.Order) < 0)
            (entry, _head) = (_head, entry);
        _followers ??= [];
        var place = _followers.Count;
        while (place > 0 && _followers[place - 1].Order.CompareTo(entry.Order) > 0)
            place--;
        _followers.Insert(place, entry);
    }

    public void Remove(HeldEntry entry)
    {
        if (_head != entry)
        {
            _followers?.Remove(entry);
            return;
        }

        _head = null;
        if (_followers is { Count: > 0 })
        {
            _head = _followers[0];
            _followers.RemoveAt(0);
        }
    }
}
