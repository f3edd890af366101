namespace Shop.Contracts.Chat;

/// <summary>How the limit stands that refused a message.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Permits">The most that can be written at once.</param>
/// <param name="Window">How long it takes until all permits are back.</param>
/// <param name="Remaining">Permits that can be had now.</param>
/// <param name="NextAfter">When one more comes back.</param>
[GenerateSerializer, Immutable, Alias("ChatLimit")]
public sealed record ChatLimit(
    [property: Id(0)] string Policy, [property: Id(1)] int Permits, [property: Id(2)] TimeSpan Window, [property: Id(3)] int Remaining, [property: Id(4)] TimeSpan NextAfter);
