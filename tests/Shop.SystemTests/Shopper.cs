using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Shop.SystemTests;

/// <summary>A customer who uses the public API, as any program would. The first request signs up, and all are sent with the cookie.</summary>
public sealed class Shopper(HttpClient http, string customer, ShopperCookies cookies) : IDisposable
{
    public const string Password = "a-password-for-tests";

    public const string Pays = "4242424242424242";
    public const string IsDeclined = "4000000000000002";
    public const string FailsTwice = "4000000000000119";
    public const string IsSlow = "4000000000000259";

    /// <summary>The name that others see.</summary>
    public string Customer => customer;

    public string Email => $"{customer}@journeys.example";

    /// <summary>Gets an account, or signs in to the one that another shopper of this name got; the cookie.</summary>
    public Task<string> SignUpAsync(CancellationToken cancellationToken = default) => cookies.OfAsync(this, http, cancellationToken);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, object? body = null, (string Name, string Value)[]? headers = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", await SignUpAsync(cancellationToken));
        foreach (var (name, value) in headers ?? [])
            request.Headers.TryAddWithoutValidation(name, value);
        request.Content = body switch
        {
            null => null,
            string json => new StringContent(json, System.Text.Encoding.UTF8, "application/json"),
            _ => JsonContent.Create(body),
        };
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(
        HttpMethod method, string path, object? body = null, (string Name, string Value)[]? headers = null, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(method, path, body, headers, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return (response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path, CancellationToken cancellationToken = default) =>
        CallAsync(HttpMethod.Get, path, cancellationToken: cancellationToken);

    public Task<(HttpStatusCode Status, JsonElement Body)> PlaceAsync(
        string sku = "MUG-RD", int quantity = 1, string card = Pays, string? key = null, CancellationToken cancellationToken = default) =>
        CallAsync(
            HttpMethod.Post, "/api/orders", new { lines = new[] { new { sku, quantity } }, card }, [("Idempotency-Key", key ?? Guid.CreateVersion7().ToString())], cancellationToken);

    /// <summary>Places an order that must be accepted, and answers its id.</summary>
    public async Task<Guid> PlacedAsync(string sku = "MUG-RD", int quantity = 1, string card = Pays)
    {
        var (status, body) = await PlaceAsync(sku, quantity, card);
        return status == HttpStatusCode.Created ? body.GetProperty("id").GetGuid() : throw new InvalidOperationException($"The order was answered with {(int)status}: {body}");
    }

    /// <summary>Starts a run, and answers its token.</summary>
    public async Task<Guid> StartRunAsync(string game, CancellationToken cancellationToken = default)
    {
        var (status, run) = await CallAsync(HttpMethod.Post, $"/api/games/{game}/runs", cancellationToken: cancellationToken);
        return status == HttpStatusCode.Created ? run.GetProperty("token").GetGuid() : throw new InvalidOperationException($"The run was answered with {(int)status}: {run}");
    }

    /// <summary>Plays a run of a game that may be scored at once.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> PlayAsync(string game, long score, CancellationToken cancellationToken = default) =>
        await CallAsync(HttpMethod.Post, $"/api/games/{game}/scores", new { score, token = await StartRunAsync(game, cancellationToken) }, cancellationToken: cancellationToken);

    public async Task<string> StatusAsync(Guid order) =>
        (await GetAsync($"/api/orders/{order}")) is (HttpStatusCode.OK, var body) ? body.GetProperty("status").GetString()! : "?";

    /// <summary>Server-sent events until the stream ends: id, name and data of each.</summary>
    public async IAsyncEnumerable<(string Id, string Name, JsonElement Data)> ListenAsync(
        string path, string? lastEventId = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(HttpMethod.Get, path, headers: lastEventId is null ? [] : [("Last-Event-ID", lastEventId)], cancellationToken: cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        string id = "", name = "";
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                yield return (id, name, JsonSerializer.Deserialize<JsonElement>(line.AsSpan(6)));
        }
    }

    public void Dispose() => http.Dispose();
}
