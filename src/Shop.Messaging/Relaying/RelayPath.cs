namespace Shop.Messaging.Relaying;

/// <summary>How a row came to its stream, as metrics and spans name it.</summary>
internal readonly record struct RelayPath(string Name)
{
    /// <summary>Right after its commit.</summary>
    public static readonly RelayPath Fast = new("fast");

    /// <summary>Right after its commit, behind earlier rows of its key that were read from the table.</summary>
    public static readonly RelayPath Ordered = new("ordered");

    /// <summary>By the sweeper.</summary>
    public static readonly RelayPath Swept = new("swept");
}
