using System.Diagnostics;
using Shop.Contracts.Orders;

namespace Shop.Orders.Fulfilment;

/// <summary>A wish to move an order on, as it waits for its group commit.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="To">The status wanted.</param>
/// <param name="Reason">Why, for Declined and Cancelled.</param>
/// <param name="CausedBy">The event that asks for it: its effect happens once. Null for a person or the deadline.</param>
/// <param name="OnlyFrom">Moves only from this status (the deadline cancels Placed orders, never paid ones); null: from any that allows it.</param>
public sealed record OrderMove(Guid OrderId, OrderStatus To, string? Reason = null, Guid? CausedBy = null, OrderStatus? OnlyFrom = null)
{
    /// <summary>The trace that the wish belongs to.</summary>
    public string? TraceParent { get; } = Activity.Current?.Id;
}

/// <summary>What became of an <see cref="OrderMove"/>.</summary>
/// <param name="Found">Whether the order exists.</param>
/// <param name="Moved">Whether this move changed it.</param>
/// <param name="Status">The status now.</param>
/// <param name="Version">The version now.</param>
/// <param name="Reason">The reason of the status now.</param>
/// <param name="At">When this move changed it; otherwise null.</param>
/// <param name="SincePlaced">How long after its placement that was; otherwise null.</param>
public sealed record OrderMoveResult(bool Found, bool Moved, OrderStatus Status, int Version, string? Reason, DateTimeOffset? At, TimeSpan? SincePlaced);
