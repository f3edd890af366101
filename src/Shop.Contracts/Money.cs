namespace Shop.Contracts;

/// <summary>An amount in one currency.</summary>
/// <param name="Amount">The amount in major units, for example 12.50.</param>
/// <param name="Currency">The ISO 4217 code, for example EUR.</param>
[GenerateSerializer, Immutable, Alias("Money")]
public readonly record struct Money([property: Id(0)] decimal Amount, [property: Id(1)] string Currency)
{
    /// <summary>The one currency that the shop sells in.</summary>
    public const string ShopCurrency = "EUR";

    /// <summary>An amount in the shop's currency.</summary>
    public static Money Of(decimal amount) => new(amount, ShopCurrency);
}
