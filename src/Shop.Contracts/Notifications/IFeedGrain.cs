namespace Shop.Contracts.Notifications;

/// <summary>The notifications of one customer; the key is the customer. A stateless worker in Shop.Notifications.</summary>
[Alias("IFeedGrain")]
public interface IFeedGrain : IGrainWithStringKey
{
    /// <summary>Up to <paramref name="take"/> notifications after sequence <paramref name="after"/> (0 for all), oldest first, from Postgres. May be repeated.</summary>
    [Alias("Read")]
    Task<IReadOnlyList<Notification>> ReadAsync(long after, int take);

    /// <summary>Up to <paramref name="take"/> notifications before sequence <paramref name="before"/> (<see cref="long.MaxValue"/> for the newest), newest first. May be repeated.</summary>
    [Alias("ReadBack")]
    Task<IReadOnlyList<Notification>> ReadBackAsync(long before, int take);
}

/// <summary>Something that a customer is told.</summary>
/// <param name="Sequence">1 for the customer's first, and one more with each, without gaps.</param>
/// <param name="Kind">Machine-readable, for example <c>order-paid</c>.</param>
/// <param name="Text">For a person.</param>
/// <param name="OrderId">The order that it is about, if any.</param>
/// <param name="At">When, UTC.</param>
[GenerateSerializer, Immutable, Alias("Notification")]
public sealed record Notification([property: Id(0)] long Sequence, [property: Id(1)] string Kind, [property: Id(2)] string Text, [property: Id(3)] Guid? OrderId, [property: Id(4)] DateTimeOffset At);
