namespace Shop.Contracts;

/// <summary>The event streams of the shop. The name is the owner's: only its service writes to it.</summary>
public static class Streams
{
    /// <summary>Written by Shop.Orders; keyed by order id.</summary>
    public const string Orders = "orders";

    /// <summary>Written by Shop.Payments; keyed by order id.</summary>
    public const string Payments = "payments";

    /// <summary>Written by Shop.Orders; keyed by change, since the order of changes does not matter.</summary>
    public const string Catalogue = "catalogue";

    /// <summary>All of them: what an operator looks at.</summary>
    public static IReadOnlyList<string> All { get; } = [Orders, Payments, Catalogue];
}
