using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Shop.Web.Catalogue;
using Shop.Web.Pages;
using Shop.Web.Storefront;

namespace Shop.Web.Carts;

/// <summary>The forms that change a cart. They lead back to a page, so that they need no script. Binding a form checks its anti-forgery token.</summary>
internal static class CartForms
{
    public static void MapCartForms(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/cart/add", AddAsync).ExcludeFromDescription();
        routes.MapPost("/cart/change", ChangeAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> AddAsync(
        HttpContext context, ShoppingCarts carts, CatalogueReader catalogue, [FromForm] string? sku, [FromForm] string? quantity, [FromForm] string? back)
    {
        if (await catalogue.GetAsync(sku ?? "", context.RequestAborted) is not { } product)
        {
            Flash.Say(context, "We do not sell this any more.");
        }
        else if (Quantity(quantity ?? "1") is not (> 0 and var count))
        {
            Flash.Say(context, string.Create(CultureInfo.InvariantCulture, $"How many? Choose a number from 1 to {CartStore.MaxQuantity}."));
        }
        else
        {
            await carts.AddAsync(context, product.Sku, count);
            Flash.Say(context, $"{product.Name} is in your cart.");
        }

        return Results.LocalRedirect(LocalPath.Of(back));
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, ShoppingCarts carts, [FromForm] string? sku, [FromForm] string? quantity)
    {
        if (Quantity(quantity) is not { } count || string.IsNullOrEmpty(sku))
            return Results.LocalRedirect($"/cart?wrong={Uri.EscapeDataString(sku ?? "")}&value={Uri.EscapeDataString(quantity is { Length: <= 20 } ? quantity : "")}");
        await carts.SetAsync(context, sku, count);
        return Results.LocalRedirect("/cart");
    }

    /// <summary>0 to <see cref="CartStore.MaxQuantity"/>; null for anything else.</summary>
    private static int? Quantity(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var quantity) && quantity <= CartStore.MaxQuantity ? quantity : null;
}
