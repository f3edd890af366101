using System.Net;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Web;

public sealed class SessionTests(Servers servers) : IAsyncLifetime
{
    private const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0";

    private AccountsHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers));

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task My_sessions_are_listed_with_device_and_time_and_the_current_one_marked()
    {
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        using var vera = await _web.SignedUpAsync();
        using var elsewhere = _web.Visitor();
        await elsewhere.CallAsync(HttpMethod.Post, "/api/session", new { email = vera.Email, password = Visitor.Password }, ("User-Agent", Firefox));
        using var other = await _web.SignedUpAsync();

        var sessions = Items((await elsewhere.GetAsync("/api/sessions")).Body);

        Assert.Equal(2, sessions.Length);
        var current = Assert.Single(sessions, static session => session.GetProperty("current").GetBoolean());
        Assert.Equal(("Firefox on Linux", "127.0.0.1"), (current.GetProperty("device").GetString(), current.GetProperty("address").GetString()));
        Assert.InRange(current.GetProperty("createdAt").GetDateTimeOffset(), before, TimeProvider.System.GetUtcNow().AddSeconds(1));
        Assert.True(current.GetProperty("lastSeenAt").GetDateTimeOffset() >= current.GetProperty("createdAt").GetDateTimeOffset());
        Assert.True(current.GetProperty("expiresAt").GetDateTimeOffset() > before.AddDays(13));
    }

    [Fact]
    public async Task A_session_that_is_revoked_stops_working_on_every_replica_at_once()
    {
        using var vera = await _web.SignedUpAsync();
        await using var second = await AccountsHost.StartAsync(_web.Where);
        using var elsewhere = second.Visitor();
        await elsewhere.SignInAsync(vera.Email);
        using var elsewhereAtTheFirst = elsewhere.At(_web);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await elsewhere.WhoAmIAsync(), await elsewhereAtTheFirst.WhoAmIAsync()));
        var id = Items((await vera.GetAsync("/api/sessions")).Body).Single(static session => !session.GetProperty("current").GetBoolean()).GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.NoContent, (await vera.CallAsync(HttpMethod.Delete, $"/api/sessions/{id}")).Status);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await elsewhere.WhoAmIAsync(), await elsewhereAtTheFirst.WhoAmIAsync()));
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await vera.CallAsync(HttpMethod.Delete, $"/api/sessions/{id}")).Status);
    }

    [Fact]
    public async Task Revoking_the_current_session_takes_its_cookie_back()
    {
        using var vera = await _web.SignedUpAsync();
        var id = Items((await vera.GetAsync("/api/sessions")).Body).Single().GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.NoContent, (await vera.CallAsync(HttpMethod.Delete, $"/api/sessions/{id}")).Status);

        Assert.Equal("", vera.Cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, await vera.WhoAmIAsync());
    }

    [Fact]
    public async Task Another_s_session_does_not_exist()
    {
        using var vera = await _web.SignedUpAsync();
        using var mallory = await _web.SignedUpAsync();
        var id = Items((await vera.GetAsync("/api/sessions")).Body).Single().GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.NotFound, (await mallory.CallAsync(HttpMethod.Delete, $"/api/sessions/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await mallory.CallAsync(HttpMethod.Delete, "/api/sessions/not-an-id")).Status);

        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
    }

    [Fact]
    public async Task Neither_a_restart_nor_a_wipe_signs_anybody_out()
    {
        await using var redis = await RedisFixture.StartServerAsync();
        var place = await AccountsHost.Place.NewAsync(servers, redis.ConnectionString);
        using var jar = await SignedUpAt(place);

        await using var restarted = await AccountsHost.StartAsync(place);
        using var vera = jar.At(restarted);
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());

        await using var connection = await RedisFixture.ConnectAsync(redis);
        await connection.GetServers()[0].FlushAllDatabasesAsync();
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());

        static async Task<Visitor> SignedUpAt(AccountsHost.Place place)
        {
            await using var first = await AccountsHost.StartAsync(place);
            return await first.SignedUpAsync();
        }
    }

    [Fact]
    public async Task People_stay_signed_in_and_can_sign_in_and_out_while_redis_is_away()
    {
        await using var redis = await RedisFixture.StartServerAsync();
        await using var web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers, redis.ConnectionString));
        using var vera = await web.SignedUpAsync();
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());

        await redis.StopAsync();

        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
        using var elsewhere = web.Visitor();
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.SignInAsync(vera.Email)).Status);
        Assert.Equal(HttpStatusCode.OK, await elsewhere.WhoAmIAsync());
        var cookie = elsewhere.Cookie;
        Assert.Equal(HttpStatusCode.NoContent, (await elsewhere.CallAsync(HttpMethod.Delete, "/api/session")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.GetAsync("/api/session", ("Cookie", cookie))).Status);
    }

    [Fact]
    public async Task A_session_that_is_used_goes_on_and_one_that_is_not_ends()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var web = await AccountsHost.StartAsync(_web.Where, clock: clock);
        using var used = await web.SignedUpAsync();
        using var idle = await web.SignedUpAsync();

        for (var week = 0; week < 4; week++)
        {
            clock.Advance(TimeSpan.FromDays(7));
            Assert.Equal(HttpStatusCode.OK, await used.WhoAmIAsync());
            await SeenAsync(used, clock.GetUtcNow());
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await idle.WhoAmIAsync());

        // However often it is used, it ends after 90 days.
        for (var week = 4; week < 13; week++)
        {
            clock.Advance(TimeSpan.FromDays(7));
            await used.WhoAmIAsync();
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await used.WhoAmIAsync());

        // A use is noted in the background.
        async Task SeenAsync(Visitor visitor, DateTimeOffset at)
        {
            await using var connection = await web.Database.OpenConnectionAsync();
            await Eventually.TrueAsync(
                () => connection.QuerySingleAsync<bool>(
                    "SELECT last_seen_at >= @at FROM sessions JOIN accounts ON accounts.id = account_id WHERE email = @Email", new { at = at.AddMinutes(-2), visitor.Email }),
                "the use of the session to be noted");
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("CfDJ8AAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_forged_cookie_is_nobody_s(string value)
    {
        using var mallory = _web.Visitor();

        Assert.Equal(HttpStatusCode.Unauthorized, (await mallory.GetAsync("/api/session", ("Cookie", $"shop-session={value}"))).Status);
    }

    [Theory]
    [InlineData("GET", "/api/session")]
    [InlineData("GET", "/api/sessions")]
    [InlineData("DELETE", "/api/sessions/0197a3c5-0000-7000-8000-000000000000")]
    [InlineData("GET", "/api/tokens")]
    [InlineData("POST", "/api/tokens")]
    [InlineData("DELETE", "/api/tokens/0197a3c5-0000-7000-8000-000000000000")]
    public async Task Who_is_not_signed_in_is_told_how_and_never_redirected(string method, string path)
    {
        using var nobody = _web.Visitor();

        using var response = await nobody.SendAsync(new HttpMethod(method), path, method == "POST" ? "{}" : null);

        Assert.Equal((HttpStatusCode.Unauthorized, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).ToString());
        Assert.Contains("POST /api/session", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operators_alone_get_to_what_is_theirs()
    {
        await using var web = await AccountsHost.StartAsync(_web.Where, demo: true);
        using var vera = await web.SignedUpAsync();
        using var olga = web.Visitor();
        var (_, account) = await olga.SignInAsync("olga@shop.example", "night-shift-2026");

        var refused = await vera.GetAsync("/api/operations/test");

        Assert.Equal((HttpStatusCode.Forbidden, "This is for operators."), (refused.Status, refused.Body.GetProperty("title").GetString()));
        Assert.True(account.GetProperty("operator").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await olga.GetAsync("/api/operations/test")).Status);
        using var script = web.Visitor();
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("/api/operations/test", await olga.TokenAsync())).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await script.GetAsync("/api/operations/test", await vera.TokenAsync())).Status);
    }

    private static JsonElement[] Items(JsonElement list) => [.. list.GetProperty("items").EnumerateArray()];
}
