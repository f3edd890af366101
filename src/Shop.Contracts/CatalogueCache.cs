namespace Shop.Contracts;

/// <summary>The names under which the catalogue is cached: who reads (Shop.Web) and who invalidates (Shop.Orders) meet here.</summary>
public static class CatalogueCache
{
    /// <summary>On every page of products: any of them may show what has changed.</summary>
    public const string Lists = "product-lists";

    /// <summary>One product.</summary>
    public static string Product(string sku) => $"product:{sku}";

    /// <summary>The categories, tagged with <see cref="Lists"/>.</summary>
    public const string Categories = "product-categories";

    /// <summary>A page of products, tagged with <see cref="Lists"/>.</summary>
    /// <param name="query">A digest of what was searched for, or <c>all</c>: keys are not made of what users type.</param>
    /// <param name="page">1 is the first.</param>
    public static string Page(string query, int page) => FormattableString.Invariant($"products:{query}:{page}");
}
