using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts.Orders;
using Shop.Web.Grains;

namespace Shop.Web.Catalogue;

/// <summary>What the shop sells. Open to everybody.</summary>
public static class ProductsApi
{
    public static RouteGroupBuilder MapProducts(this IEndpointRouteBuilder routes)
    {
        var products = routes.MapGroup("/api/products").WithTags("Products");
        products.MapGet("/", SearchAsync).WithSummary("Products with price and stock");
        products.MapGet("/{sku}", GetAsync).WithName("GetProduct").WithSummary("One product");
        return products;
    }

    private static async Task<Results<Ok<ProductList>, ValidationProblem>> SearchAsync(
        GrainCalls grains, CancellationToken cancellationToken, [Description("Part of a name, description, category or SKU")] string? query = null, int page = 1)
    {
        if (page is < 1 or > 10_000)
            return Problems.Field("page", $"The page is {page}; it must be 1 to 10000.");
        if (query is { Length: > 100 })
            return Problems.Field("query", $"The query has {query.Length} characters; it may have 100.");

        var found = await grains.CallAsync(factory => factory.GetGrain<ICatalogueGrain>(0).SearchAsync(query, page), cancellationToken);
        return TypedResults.Ok(new ProductList([.. found.Items.Select(ProductView.Of)], found.Page, found.PageSize, found.Total));
    }

    private static async Task<Results<Ok<ProductView>, ProblemHttpResult>> GetAsync(string sku, GrainCalls grains, CancellationToken cancellationToken) =>
        await grains.CallAsync(factory => factory.GetGrain<ICatalogueGrain>(0).GetAsync(sku), cancellationToken) is { } product
            ? TypedResults.Ok(ProductView.Of(product))
            : Problems.NotFound($"There is no product with the SKU '{sku}'. GET /api/products lists them.");
}

/// <summary>A product as the API shows it.</summary>
public sealed record ProductView(string Sku, string Name, string Description, string Category, decimal Price, string Currency, int Stock)
{
    public static ProductView Of(Product product) =>
        new(product.Sku, product.Name, product.Description, product.Category, product.Price.Amount, product.Price.Currency, product.Stock);
}

/// <summary>A page of products; <paramref name="Total"/> counts those of all pages.</summary>
public sealed record ProductList(IReadOnlyList<ProductView> Items, int Page, int PageSize, int Total);
