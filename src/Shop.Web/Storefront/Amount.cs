using System.Globalization;

namespace Shop.Web.Storefront;

/// <summary>Money as the pages write it.</summary>
internal static class Amount
{
    /// <summary>All prices are in euros.</summary>
    public static string Of(decimal amount) => $"€ {amount.ToString("#,##0.00", CultureInfo.InvariantCulture)}";
}
