namespace Shop.Redis.Streams;

/// <summary>What became of a request to remove a group.</summary>
public enum GroupRemoval
{
    /// <summary>It is gone, and what it had not read or acknowledged with it; the stream is no longer kept for it.</summary>
    Removed,

    /// <summary>There was none.</summary>
    Missing,

    /// <summary>A consumer showed life a moment ago: nothing was done.</summary>
    Alive,
}
