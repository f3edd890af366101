namespace Shop.Contracts.Orders;

/// <summary>The catalogue; the key is 0. A stateless worker in Shop.Orders.</summary>
[Alias("ICatalogueGrain")]
public interface ICatalogueGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Products whose name, description or category contains <paramref name="query"/> (all when empty), of one
    /// <paramref name="category"/> (of all when null), page 1 first. May be repeated.
    /// </summary>
    [Alias("Search")]
    Task<ProductPage> SearchAsync(string? query, int page, string? category = null);

    /// <summary>The categories, in the order of their names, and how many products each has. May be repeated.</summary>
    [Alias("Categories")]
    Task<IReadOnlyList<ProductCategory>> CategoriesAsync();

    /// <summary>One product, or null. May be repeated.</summary>
    [Alias("Get")]
    Task<Product?> GetAsync(string sku);

    /// <summary>
    /// Changes the price of a product, for orders that are placed from now on, and answers the product; null when there is none.
    /// May be repeated: the price that it has already changes nothing.
    /// </summary>
    [Alias("ChangePrice")]
    Task<Product?> ChangePriceAsync(string sku, Money price);
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

/// <summary>A category and how many products it has.</summary>
[GenerateSerializer, Immutable, Alias("ProductCategory")]
public sealed record ProductCategory([property: Id(0)] string Name, [property: Id(1)] int Products);

/// <summary>One page of products.</summary>
/// <param name="Items">The products of this page.</param>
/// <param name="Page">1 is the first.</param>
/// <param name="PageSize">How many a full page holds.</param>
/// <param name="Total">How many products match, over all pages.</param>
[GenerateSerializer, Immutable, Alias("ProductPage")]
public sealed record ProductPage([property: Id(0)] IReadOnlyList<Product> Items, [property: Id(1)] int Page, [property: Id(2)] int PageSize, [property: Id(3)] int Total);
