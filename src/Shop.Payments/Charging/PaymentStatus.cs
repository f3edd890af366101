namespace Shop.Payments.Charging;

/// <summary>Where the payment of an order stands; the numbers are those of the table.</summary>
public enum PaymentStatus
{
    /// <summary>A holder of the lock is at work, or was when it died.</summary>
    Pending = 1,

    /// <summary>The money is here.</summary>
    Captured = 2,

    /// <summary>The provider refused.</summary>
    Declined = 3,

    /// <summary>The order was cancelled before any money moved; it is never charged.</summary>
    Voided = 4,

    /// <summary>The money was given back.</summary>
    Refunded = 5,
}

/// <summary>The holder of an old fencing token tried to write: its lock had passed on while it was away. The newer holder does the work.</summary>
public sealed class StaleFencingTokenException(Guid orderId, long token)
    : Exception($"The payment of order {orderId} has a newer holder than fencing token {token}: this worker lost its lock while it was away, and must not write.");
