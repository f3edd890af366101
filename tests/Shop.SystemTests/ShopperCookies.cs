using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;

namespace Shop.SystemTests;

/// <summary>The sessions of an application's shoppers, so that shoppers of the same name are the same customer and sign in once.</summary>
public sealed class ShopperCookies
{
    private readonly ConcurrentDictionary<string, string> _cookies = new(StringComparer.Ordinal);

    public async Task<string> OfAsync(Shopper shopper, HttpClient http, CancellationToken cancellationToken)
    {
        if (_cookies.TryGetValue(shopper.Customer, out var known))
            return known;

        var account = new { email = shopper.Email, password = Shopper.Password, name = shopper.Customer };
        using var signUp = await http.PostAsJsonAsync("/api/accounts", account, cancellationToken);
        if (signUp.StatusCode != HttpStatusCode.Conflict)
            return Keep(shopper, signUp);

        // The account is there already: by a first try whose answer was lost, for example.
        using var signIn = await http.PostAsJsonAsync("/api/session", account, cancellationToken);
        return Keep(shopper, signIn);
    }

    /// <summary>Lets the shopper sign in anew with the next request.</summary>
    public void Forget(Shopper shopper) => _cookies.TryRemove(shopper.Customer, out _);

    private string Keep(Shopper shopper, HttpResponseMessage signedIn) =>
        _cookies[shopper.Customer] = Assert.Single(signedIn.EnsureSuccessStatusCode().Headers.GetValues("Set-Cookie")).Split(';')[0];
}
