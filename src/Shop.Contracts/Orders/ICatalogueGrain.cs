namespace Shop.Contracts.Orders;

/// <summary>The catalogue; the key is 0. A stateless worker in Shop.Orders.</summary>
[Alias("ICatalogueGrain")]
public interface ICatalogueGrain : IGrainWithIntegerKey
{
    /// <summary>Products whose name, description or category contains <paramref name="query"/> (all when empty), page 1 first. May be repeated.</summary>
    [Alias("Search")]
    Task<ProductPage> SearchAsync(string? query, int page);

    /// <summary>One product, or null. May be repeated.</summary>
    [Alias("Get")]
    Task<Product?> GetAsync(string sku);
}

/// <summary>A product with its price and stock of the moment.</summary>
[GenerateSerializer, Immutable, Alias("Product")]
public sealed record Product(
    [property: Id(0)] string Sku,
    [property: Id(1)] string Name,
    [property: Id(2)] string Description,
    [property: Id(3)] string Category,
    [property: Id(4)] Money Price,
    [property: Id(5)] int Stock);

/// <summary>One page of products.</summary>
/// <param name="Items">The products of this page.</param>
/// <param name="Page">1 is the first.</param>
/// <param name="PageSize">How many a full page holds.</param>
/// <param name="Total">How many products match, over all pages.</param>
[GenerateSerializer, Immutable, Alias("ProductPage")]
public sealed record ProductPage([property: Id(0)] IReadOnlyList<Product> Items, [property: Id(1)] int Page, [property: Id(2)] int PageSize, [property: Id(3)] int Total);
