namespace Shop.Redis.Jobs;

/// <summary>
/// Which jobs of a queue go first. Higher ones are taken before lower ones, but one fetch in sixteen looks at the lowest first, so
/// that a flood of urgent jobs slows the others down and does not starve them.
/// </summary>
public enum JobPriority
{
    /// <summary>Somebody waits for it.</summary>
    High = 1,

    /// <summary>The default.</summary>
    Normal = 2,

    /// <summary>Whenever there is room.</summary>
    Low = 3,
}
