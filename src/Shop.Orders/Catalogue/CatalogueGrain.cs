using Orleans.Concurrency;
using Shop.Contracts;
using Shop.Contracts.Orders;

namespace Shop.Orders.Catalogue;

/// <inheritdoc cref="ICatalogueGrain" />
[StatelessWorker]
public sealed class CatalogueGrain(CatalogueStore store) : Grain, ICatalogueGrain
{
    public Task<ProductPage> SearchAsync(string? query, int page, string? category = null) => store.SearchAsync(query, page, category);

    public Task<IReadOnlyList<ProductCategory>> CategoriesAsync() => store.CategoriesAsync();

    public Task<Product?> GetAsync(string sku) => store.GetAsync(sku);

    public Task<Product?> ChangePriceAsync(string sku, Money price) => store.ChangePriceAsync(sku, price);
}
