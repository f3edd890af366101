using System.Net;
using System.Text.Json;
using Xunit;

namespace Shop.Tests.Web;

public sealed class TokenTests(Servers servers) : IAsyncLifetime
{
    private AccountsHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers));

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task A_token_is_shown_once_and_works_on_every_replica_until_it_is_revoked()
    {
        using var vera = await _web.SignedUpAsync("Vera");
        await using var second = await AccountsHost.StartAsync(_web.Where);
        using var script = _web.Visitor();
        using var other = second.Visitor();

        using var made = await vera.SendAsync(HttpMethod.Post, "/api/tokens", new { name = "nightly export" });
        var body = JsonSerializer.Deserialize<JsonElement>(await made.Content.ReadAsStringAsync());
        var token = body.GetProperty("token").GetString()!;
        Assert.Equal((HttpStatusCode.Created, "no-store"), (made.StatusCode, made.Headers.CacheControl?.ToString()));
        Assert.Matches("^shop_[A-Za-z0-9_-]{43}$", token);

        Assert.Equal("Vera", (await script.GetAsync("/api/session", Visitor.Bearer(token))).Body.GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/api/session", Visitor.Bearer(token))).Status);
        var listed = (await vera.GetAsync("/api/tokens")).Body;
        var item = Assert.Single(listed.GetProperty("items").EnumerateArray());
        Assert.Equal(("nightly export", JsonValueKind.String), (item.GetProperty("name").GetString(), item.GetProperty("lastUsedAt").ValueKind));
        Assert.DoesNotContain(token, listed.ToString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await vera.CallAsync(HttpMethod.Delete, $"/api/tokens/{item.GetProperty("id").GetGuid()}")).Status);
        var refused = await other.GetAsync("/api/session", Visitor.Bearer(token));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Contains("no token that is valid", refused.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await script.GetAsync("/api/session", Visitor.Bearer(token))).Status);
    }

    [Fact]
    public async Task A_token_works_on_every_part_of_the_api()
    {
        using var vera = await _web.SignedUpAsync();
        var header = await vera.TokenAsync("first");
        using var script = _web.Visitor();

        Assert.Equal(HttpStatusCode.Created, (await script.CallAsync(HttpMethod.Post, "/api/tokens", new { name = "second" }, header)).Status);
        Assert.Equal(2, (await script.GetAsync("/api/tokens", header)).Body.GetProperty("items").GetArrayLength());
        var session = Assert.Single((await script.GetAsync("/api/sessions", header)).Body.GetProperty("items").EnumerateArray());
        Assert.False(session.GetProperty("current").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await script.CallAsync(HttpMethod.Delete, $"/api/sessions/{session.GetProperty("id").GetGuid()}", headers: header)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, await vera.WhoAmIAsync());
        Assert.Equal("", script.Cookie);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":"  "}""")]
    [InlineData("""{"name":"two\nlines"}""")]
    [InlineData("""{"name":5}""")]
    public async Task A_token_needs_a_name(string body)
    {
        using var vera = await _web.SignedUpAsync();

        var (status, problem) = await vera.CallAsync(HttpMethod.Post, "/api/tokens", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("name", out _), problem.ToString());
    }

    [Fact]
    public async Task A_name_is_taken_once_per_account()
    {
        using var vera = await _web.SignedUpAsync();
        using var other = await _web.SignedUpAsync();
        await vera.TokenAsync("backup");

        var (status, problem) = await vera.CallAsync(HttpMethod.Post, "/api/tokens", new { name = " backup " });

        Assert.Equal((HttpStatusCode.Conflict, "name"), (status, problem.GetProperty("field").GetString()));
        await other.TokenAsync("backup");
    }

    [Fact]
    public async Task An_account_has_fifty_tokens_at_most()
    {
        using var vera = await _web.SignedUpAsync();
        for (var i = 0; i < 50; i++)
            await vera.TokenAsync($"token {i}");

        Assert.Equal(HttpStatusCode.Conflict, (await vera.CallAsync(HttpMethod.Post, "/api/tokens", new { name = "one more" })).Status);
    }

    [Fact]
    public async Task Another_s_token_does_not_exist()
    {
        using var vera = await _web.SignedUpAsync();
        using var mallory = await _web.SignedUpAsync();
        var header = await vera.TokenAsync();
        var id = (await vera.GetAsync("/api/tokens")).Body.GetProperty("items")[0].GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.NotFound, (await mallory.CallAsync(HttpMethod.Delete, $"/api/tokens/{id}")).Status);
        Assert.Equal(0, (await mallory.GetAsync("/api/tokens")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, (await mallory.GetAsync("/api/session", header)).Status);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer shop_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Basic dmVyYTphLWdvb2QtcGFzc3dvcmQ=")]
    public async Task What_is_no_token_opens_nothing(string header)
    {
        using var nobody = _web.Visitor();

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/api/session", ("Authorization", header))).Status);
    }

    [Fact]
    public async Task A_bad_token_is_not_made_good_by_a_cookie()
    {
        using var vera = await _web.SignedUpAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await vera.GetAsync("/api/session", Visitor.Bearer("shop_revoked"))).Status);
    }
}
