namespace Shop.Contracts;

/// <summary>The queues of background jobs. The name is the owner's: only its workers serve it; jobs come from its own code, its schedules and the outboxes.</summary>
public static class Queues
{
    /// <summary>Served by Shop.Notifications: receipts on their way to customers.</summary>
    public const string Mail = "mail";

    /// <summary>Served by Shop.Payments: a report for each day and currency.</summary>
    public const string Settlement = "settlement";

    /// <summary>Served by Shop.Gaming: the final standings of a month.</summary>
    public const string Seasons = "seasons";

    /// <summary>Served by Shop.Orders: cancels orders whose payment never answered.</summary>
    public const string Overdue = "overdue";

    /// <summary>Served by Shop.Web: bursts of simulated shoppers, one at a time.</summary>
    public const string Bursts = "bursts";

    /// <summary>All of them: what an operator looks at.</summary>
    public static IReadOnlyList<string> All { get; } = [Mail, Settlement, Seasons, Overdue, Bursts];
}
