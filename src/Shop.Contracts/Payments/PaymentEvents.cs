namespace Shop.Contracts.Payments;

/// <summary>The provider captured the money of an order.</summary>
public sealed record PaymentCaptured(Guid OrderId, Money Amount, string ProviderReference, DateTimeOffset CapturedAt);

/// <summary>The provider refused the card of an order.</summary>
public sealed record PaymentDeclined(Guid OrderId, Money Amount, string Reason, DateTimeOffset DeclinedAt);

/// <summary>Captured money was given back.</summary>
public sealed record PaymentRefunded(Guid OrderId, Money Amount, string ProviderReference, DateTimeOffset RefundedAt);
