using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Caching.Hybrid;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Web.Grains;

namespace Shop.Web.Catalogue;

/// <summary>
/// Reads the catalogue by way of the cache. Shop.Orders invalidates what it changes: a product by its SKU, and all pages by their
/// tag, because any of them may show it.
/// </summary>
public sealed partial class CatalogueReader(HybridCache cache, GrainCalls grains)
{
    private static readonly string[] Lists = [CatalogueCache.Lists];

    // What users type makes many pages that are read once: they leave soon.
    private static readonly HybridCacheEntryOptions Searches = new() { Expiration = TimeSpan.FromMinutes(1), LocalCacheExpiration = TimeSpan.FromSeconds(15) };

    public ValueTask<ProductList> SearchAsync(string? query, int page, CancellationToken cancellationToken) => SearchAsync(query, null, page, cancellationToken);

    /// <summary>A page of what matches; of one category only, when one is named.</summary>
    public ValueTask<ProductList> SearchAsync(string? query, string? category, int page, CancellationToken cancellationToken)
    {
        (query, category) = (Trimmed(query), Trimmed(category));
        return cache.GetOrCreateAsync(
            CatalogueCache.Page((query, category) switch { (null, null) => "all", (_, null) => Digest(query), _ => Digest($"{category}\n{query}") }, page),
            (grains, query, category, page),
            static async (state, token) => ProductList.Of(await state.grains.CallAsync(
                factory => factory.GetGrain<ICatalogueGrain>(0).SearchAsync(state.query, state.page, state.category), token)),
            query is null ? null : Searches,
            Lists,
            cancellationToken);
    }

    /// <summary>The categories and how many products each has.</summary>
    public ValueTask<IReadOnlyList<CategoryView>> CategoriesAsync(CancellationToken cancellationToken) => cache.GetOrCreateAsync(
        CatalogueCache.Categories,
        grains,
        static async (grains, token) => (IReadOnlyList<CategoryView>)[.. (await grains.CallAsync(factory => factory.GetGrain<ICatalogueGrain>(0).CategoriesAsync(), token)).Select(CategoryView.Of)],
        tags: Lists,
        cancellationToken: cancellationToken);

    /// <summary>One product, or null.</summary>
    public async ValueTask<ProductView?> GetAsync(string sku, CancellationToken cancellationToken) => !Sku().IsMatch(sku) ? null : await cache.GetOrCreateAsync(
        CatalogueCache.Product(sku),
        (grains, sku),
        static async (state, token) =>
            await state.grains.CallAsync(factory => factory.GetGrain<ICatalogueGrain>(0).GetAsync(state.sku), token) is { } product ? ProductView.Of(product) : null,
        cancellationToken: cancellationToken);

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Digest(string query) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(query)).AsSpan(0, 16));

    [GeneratedRegex("^[A-Za-z0-9-]{1,32}$")]
    private static partial Regex Sku();
}
