using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Web.Accounts;
using Shop.Web.Grains;

namespace Shop.Web.Catalogue;

/// <summary>What operators change about products.</summary>
internal static class PricesApi
{
    private const decimal Highest = 1_000_000m;

    public static void MapPrices(this RouteGroupBuilder products) =>
        products.MapPatch("/{sku}", ChangeAsync).WithSummary("Changes the price, for orders that are placed from now on").RequireOperator()
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);

    private static async Task<Results<Ok<ProductView>, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        string sku, ChangePriceRequest change, GrainCalls grains, CancellationToken cancellationToken)
    {
        if (change.Price is not { } price)
            return Problems.Field("price", "The price is missing.");
        if (price is <= 0 or > Highest || decimal.Round(price, 2) != price)
            return Problems.Field("price", FormattableString.Invariant($"The price is {price}; it must be 0.01 to {Highest:0.00}, with two decimals at most."));

        var product = await grains.CallAsync(factory => factory.GetGrain<ICatalogueGrain>(0).ChangePriceAsync(sku, Money.Of(price)), cancellationToken);
        return product is null ? ProductsApi.NotFound(sku) : TypedResults.Ok(ProductView.Of(product));
    }
}

/// <summary>A change to a product.</summary>
/// <param name="Price">The price from now on, in EUR.</param>
public sealed record ChangePriceRequest(decimal? Price);
