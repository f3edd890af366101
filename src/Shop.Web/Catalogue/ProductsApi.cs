using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts.Orders;

namespace Shop.Web.Catalogue;

/// <summary>What the shop sells. Open to everybody; changes are for operators.</summary>
public static class ProductsApi
{
    public static RouteGroupBuilder MapProducts(this IEndpointRouteBuilder routes)
    {
        var products = routes.MapGroup("/api/products").WithTags("Products");
        products.MapGet("/", SearchAsync).WithSummary("Products with price and stock");
        products.MapGet("/categories", CategoriesAsync).WithSummary("Categories, and how many products each has");
        products.MapGet("/{sku}", GetAsync).WithName("GetProduct").WithSummary("One product");
        products.MapPrices();
        return products;
    }

    private static async Task<Results<Ok<ProductList>, ValidationProblem>> SearchAsync(
        CatalogueReader catalogue, CancellationToken cancellationToken, [Description("Part of a name, description, category or SKU")] string? query = null, int page = 1,
        [Description("One of GET /api/products/categories")] string? category = null)
    {
        if (page is < 1 or > 10_000)
            return Problems.Field("page", $"The page is {page}; it must be 1 to 10000.");
        if (query is { Length: > 100 })
            return Problems.Field("query", $"The query has {query.Length} characters; it may have 100.");

        if (category is { Length: > 100 })
            return Problems.Field("category", $"The category has {category.Length} characters; it may have 100.");

        return TypedResults.Ok(await catalogue.SearchAsync(query, category, page, cancellationToken));
    }

    private static async Task<Ok<CategoryList>> CategoriesAsync(CatalogueReader catalogue, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CategoryList(await catalogue.CategoriesAsync(cancellationToken)));

    private static async Task<Results<Ok<ProductView>, ProblemHttpResult>> GetAsync(string sku, CatalogueReader catalogue, CancellationToken cancellationToken) =>
        await catalogue.GetAsync(sku, cancellationToken) is { } product ? TypedResults.Ok(product) : NotFound(sku);

    internal static ProblemHttpResult NotFound(string sku) => Problems.NotFound($"There is no product with the SKU '{sku}'. GET /api/products lists them.");
}

/// <summary>A product as the API shows it.</summary>
[ImmutableObject(true)] // the cache hands the same one to everybody
public sealed record ProductView(string Sku, string Name, string Description, string Category, decimal Price, string Currency, int Stock)
{
    public static ProductView Of(Product product) =>
        new(product.Sku, product.Name, product.Description, product.Category, product.Price.Amount, product.Price.Currency, product.Stock);
}

/// <summary>A category and how many products it has.</summary>
[ImmutableObject(true)]
public sealed record CategoryView(string Name, int Products)
{
    public static CategoryView Of(ProductCategory category) => new(category.Name, category.Products);
}

/// <summary>Categories, in the order of their names.</summary>
public sealed record CategoryList(IReadOnlyList<CategoryView> Items);

/// <summary>A page of products; <paramref name="Total"/> counts those of all pages.</summary>
[ImmutableObject(true)]
public sealed record ProductList(IReadOnlyList<ProductView> Items, int Page, int PageSize, int Total)
{
    public static ProductList Of(ProductPage page) => new([.. page.Items.Select(ProductView.Of)], page.Page, page.PageSize, page.Total);
}
