using System.Reflection;
using Shop.Contracts.Orders;
using Shop.Orders.Catalogue;

namespace Shop.Tests.Web;

/// <summary>Stands for the cluster: the catalogue's real grain on its real database, without the wire between. Counts the calls.</summary>
public class LocalCatalogue : DispatchProxy
{
    private CatalogueStore _store = null!;
    private int _reads;

    /// <summary>How often the database was read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public static (IClusterClient Cluster, LocalCatalogue Calls) Of(CatalogueStore store)
    {
        var proxy = Create<IClusterClient, LocalCatalogue>();
        var calls = (LocalCatalogue)(object)proxy;
        calls._store = store;
        return (proxy, calls);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.Name == nameof(IGrainFactory.GetGrain) && targetMethod.ReturnType == typeof(ICatalogueGrain)
            ? new Counting(new CatalogueGrain(_store), this)
            : throw new NotSupportedException($"{targetMethod} is not the catalogue's.");

    private sealed class Counting(CatalogueGrain grain, LocalCatalogue calls) : ICatalogueGrain
    {
        public Task<ProductPage> SearchAsync(string? query, int page, string? category = null)
        {
            Interlocked.Increment(ref calls._reads);
            return grain.SearchAsync(query, page, category);
        }

        public Task<IReadOnlyList<ProductCategory>> CategoriesAsync()
        {
            Interlocked.Increment(ref calls._reads);
            return grain.CategoriesAsync();
        }

        public Task<Product?> GetAsync(string sku)
        {
            Interlocked.Increment(ref calls._reads);
            return grain.GetAsync(sku);
        }

        public Task<Product?> ChangePriceAsync(string sku, Contracts.Money price) => grain.ChangePriceAsync(sku, price);
    }
}
