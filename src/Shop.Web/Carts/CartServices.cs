namespace Shop.Web.Carts;

internal static class CartServices
{
    public static IServiceCollection AddCarts(this IServiceCollection services) => services
        .AddSingleton<CartStore>()
        .AddSingleton(static provider => new ShoppingCarts(provider.GetRequiredService<CartStore>(), provider.GetRequiredService<IHostEnvironment>()));
}
