namespace Shop.Contracts.Payments;

/// <summary>The settlement reports; the key is 0. A stateless worker in Shop.Payments.</summary>
[Alias("ISettlementsGrain")]
public interface ISettlementsGrain : IGrainWithIntegerKey
{
    /// <summary>The reports of the days <paramref name="from"/> to <paramref name="to"/>, both included, oldest first. May be repeated.</summary>
    [Alias("Read")]
    Task<IReadOnlyList<SettlementReport>> ReadAsync(DateOnly from, DateOnly to);

    /// <summary>Has the reports of a day made, also if they are there. Answers the job's id in the queue <see cref="Queues.Settlement"/>: <paramref name="jobId"/>, or that of a job which is at it already. May be repeated.</summary>
    [Alias("Request")]
    Task<Guid> RequestAsync(DateOnly day, Guid jobId);
}

/// <summary>One day (UTC) in one currency: what the shop's books say, what the provider's say, and where they differ.</summary>
/// <param name="Day">The day. A movement belongs to the day on which the provider booked it.</param>
/// <param name="Currency">The ISO 4217 code.</param>
/// <param name="Captured">Money that came, by the shop's books.</param>
/// <param name="Captures">In so many captures.</param>
/// <param name="Refunded">Money that went back, by the shop's books.</param>
/// <param name="Refunds">In so many refunds.</param>
/// <param name="ProviderCaptured">Money that came, by the provider's ledger.</param>
/// <param name="ProviderRefunded">Money that went back, by the provider's ledger.</param>
/// <param name="DifferenceCount">Movements on which the two do not agree.</param>
/// <param name="Differences">The first 1000 of them.</param>
/// <param name="MadeAt">When the report was made, UTC.</param>
[GenerateSerializer, Immutable, Alias("SettlementReport")]
public sealed record SettlementReport(
    [property: Id(0)] DateOnly Day,
    [property: Id(1)] string Currency,
    [property: Id(2)] decimal Captured,
    [property: Id(3)] int Captures,
    [property: Id(4)] decimal Refunded,
    [property: Id(5)] int Refunds,
    [property: Id(6)] decimal ProviderCaptured,
    [property: Id(7)] decimal ProviderRefunded,
    [property: Id(8)] int DifferenceCount,
    [property: Id(9)] IReadOnlyList<SettlementDifference> Differences,
    [property: Id(10)] DateTimeOffset MadeAt)
{
    /// <summary>What the day left in the till.</summary>
    public decimal Net => Captured - Refunded;
}

/// <summary>A movement on which the shop's books and the provider's ledger do not agree.</summary>
/// <param name="Key">The idempotency key of the movement: the order's id, with <c>refund:</c> before it for a refund.</param>
/// <param name="Kind">How they differ.</param>
/// <param name="Booked">What the shop's books say; null: nothing.</param>
/// <param name="ProviderBooked">What the provider's ledger says; null: nothing.</param>
/// <param name="ProviderReference">The provider's name of the movement, where it has one.</param>
[GenerateSerializer, Immutable, Alias("SettlementDifference")]
public sealed record SettlementDifference(
    [property: Id(0)] string Key,
    [property: Id(1)] SettlementDifferenceKind Kind,
    [property: Id(2)] Money? Booked,
    [property: Id(3)] Money? ProviderBooked,
    [property: Id(4)] string? ProviderReference);

/// <summary>How a movement differs.</summary>
public enum SettlementDifferenceKind
{
    /// <summary>The provider moved money that the shop knows nothing of.</summary>
    MissingHere,

    /// <summary>The shop's books have a movement that the provider does not know.</summary>
    MissingAtProvider,

    /// <summary>Both know it, with different amounts.</summary>
    AmountDiffers,
}
