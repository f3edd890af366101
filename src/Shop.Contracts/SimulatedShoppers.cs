using System.Globalization;

namespace Shop.Contracts;

/// <summary>The customers that an operator's burst sends through the system. They are known by their ids, have accounts that nobody can sign in to, and earn no points.</summary>
public static class SimulatedShoppers
{
    /// <summary>How many there are.</summary>
    public const int Count = 50;

    private const string Prefix = "0b070b07-0000-7000-8000-";

    /// <summary>The customer key of one.</summary>
    /// <param name="number">1 to <see cref="Count"/>.</param>
    public static string Id(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, Count);
        return Prefix + number.ToString("D12", CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a customer is one of them.</summary>
    public static bool Is(string customer) => customer.StartsWith(Prefix, StringComparison.Ordinal);
}
