using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>An HTTP client with a cookie jar, which can be used at every replica.</summary>
internal sealed class Visitor : IDisposable
{
    public const string Password = "a-good-password";

    private readonly HttpClient _http;

    public Visitor(Uri address, CookieContainer? jar = null)
    {
        Jar = jar ?? new CookieContainer();
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = Jar, AllowAutoRedirect = false }) { BaseAddress = address };
    }

    public CookieContainer Jar { get; }

    public string Email { get; } = $"v-{Guid.CreateVersion7():N}@shop.example";

    /// <summary>The session cookie as it would be sent, <c>name=value</c>; empty without one.</summary>
    public string Cookie => Jar.GetCookies(_http.BaseAddress!).SingleOrDefault(static cookie => cookie.Name.Contains("session", StringComparison.Ordinal))?.ToString() ?? "";

    /// <summary>The same browser at another replica. (A jar keeps cookies by host; ports do not count.)</summary>
    public Visitor At(AccountsHost replica) => new(replica.Address, Jar);

    public Task<(HttpStatusCode Status, JsonElement Body)> SignUpAsync(string? email = null, string? password = null, string? name = null) =>
        CallAsync(HttpMethod.Post, "/api/accounts", new { email = email ?? Email, password = password ?? Password, name = name ?? "Vera" });

    public Task<(HttpStatusCode Status, JsonElement Body)> SignInAsync(string email, string password = Password) =>
        CallAsync(HttpMethod.Post, "/api/session", new { email, password });

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            string json => new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
            _ => JsonContent.Create(body),
        };
        return await _http.SendAsync(request);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, path, body, headers);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonSerializer.Deserialize<JsonElement>(text) : default);
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path, params (string Name, string Value)[] headers) => CallAsync(HttpMethod.Get, path, headers: headers);

    /// <summary>What <c>GET /api/session</c> answers.</summary>
    public async Task<HttpStatusCode> WhoAmIAsync() => (await GetAsync("/api/session")).Status;

    /// <summary>A token of the account that is signed in, as the header that scripts send.</summary>
    public async Task<(string Name, string Value)> TokenAsync(string name = "script")
    {
        var (status, body) = await CallAsync(HttpMethod.Post, "/api/tokens", new { name });
        Assert.True(status == HttpStatusCode.Created, body.ToString());
        return Bearer(body.GetProperty("token").GetString()!);
    }

    public static (string Name, string Value) Bearer(string token) => ("Authorization", $"Bearer {token}");

    public void Dispose() => _http.Dispose();
}
