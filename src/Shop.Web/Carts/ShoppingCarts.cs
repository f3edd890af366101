using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Shop.Web.Catalogue;
using Shop.Web.Customers;
using Shop.Web.Sessions;

namespace Shop.Web.Carts;

/// <summary>
/// The cart of a request: the account's for those who are signed in, and for all others one that their browser's cookie opens. The
/// sign-in puts the second into the first.
/// </summary>
public sealed class ShoppingCarts
{
    private const int SecretBytes = 32;

    private readonly CartStore _store;
    private readonly CookieBuilder _cookie = new() { MaxAge = CartStore.Lifetime };

    internal ShoppingCarts(CartStore store, IHostEnvironment environment)
    {
        _store = store;
        SessionCookie.Harden(_cookie, "shop-cart", environment.IsDevelopment());
    }

    /// <summary>How many products are in the cart.</summary>
    public async Task<int> CountAsync(HttpContext context) => OwnerOf(context) is { } owner ? await _store.CountAsync(owner, context.RequestAborted) : 0;

    /// <summary>Puts more of a product into the cart.</summary>
    public Task AddAsync(HttpContext context, string sku, int quantity) => _store.AddAsync(OwnerOf(context) ?? NewBrowser(context), sku, quantity, context.RequestAborted);

    /// <summary>Sets how many of a product there are; 0 takes it out.</summary>
    public Task SetAsync(HttpContext context, string sku, int quantity) =>
        OwnerOf(context) is { } owner ? _store.SetAsync(owner, sku, quantity, context.RequestAborted) : Task.CompletedTask;

    /// <summary>The cart with the products of the moment.</summary>
    internal async Task<CartView> ReadAsync(HttpContext context, CatalogueReader catalogue)
    {
        var cart = OwnerOf(context) is { } owner ? await _store.FindAsync(owner, context.RequestAborted) : null;
        var lines = new List<CartLine>();
        foreach (var item in cart?.Items ?? [])
            lines.Add(new CartLine(item.Sku, item.Quantity, await catalogue.GetAsync(item.Sku, context.RequestAborted)));
        return new CartView(cart, lines);
    }

    /// <summary>What was chosen before the sign-in goes along.</summary>
    public async Task TakeAlongAsync(HttpContext context, Guid account)
    {
        if (SecretOf(context) is not { } secret)
            return;
        await _store.MergeAsync(Hash(secret), account, context.RequestAborted);
        context.Response.Cookies.Delete(_cookie.Name!, _cookie.Build(context));
    }

    private CartOwner? OwnerOf(HttpContext context) => context.User.Identity is { IsAuthenticated: true }
        ? CartOwner.Account(Guid.Parse(context.User.Customer()))
        : SecretOf(context) is { } secret ? CartOwner.Browser(Hash(secret)) : null;

    private CartOwner NewBrowser(HttpContext context)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        context.Response.Cookies.Append(_cookie.Name!, secret, _cookie.Build(context));
        return CartOwner.Browser(Hash(secret));
    }

    private string? SecretOf(HttpContext context) =>
        context.Request.Cookies[_cookie.Name!] is { Length: 43 } secret && Base64Url.IsValid(secret) ? secret : null;

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.ASCII.GetBytes(secret));
}
