using Orleans.Concurrency;
using Shop.Contracts.Orders;

namespace Shop.Orders.Catalogue;

/// <inheritdoc cref="ICatalogueGrain" />
[StatelessWorker]
public sealed class CatalogueGrain(CatalogueStore store) : Grain, ICatalogueGrain
{
    public Task<ProductPage> SearchAsync(string? query, int page) => store.SearchAsync(query, page);

    public Task<Product?> GetAsync(string sku) => store.GetAsync(sku);
}
