using System.Net;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Shop.Web.Carts;
using Xunit;

namespace Shop.Tests.Web;

public sealed class SignInTests(Servers servers) : IAsyncLifetime
{
    private AccountsHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers));

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task A_password_signs_in_and_a_sign_out_ends_it()
    {
        using var vera = await _web.SignedUpAsync("Vera");
        using var elsewhere = _web.Visitor();

        var (status, account) = await elsewhere.SignInAsync(vera.Email.ToUpperInvariant());
        Assert.Equal((HttpStatusCode.OK, "Vera"), (status, account.GetProperty("name").GetString()));
        Assert.Equal(HttpStatusCode.OK, await elsewhere.WhoAmIAsync());

        var cookie = elsewhere.Cookie;
        Assert.Equal(HttpStatusCode.NoContent, (await elsewhere.CallAsync(HttpMethod.Delete, "/api/session")).Status);
        Assert.Equal("", elsewhere.Cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, await elsewhere.WhoAmIAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.GetAsync("/api/session", ("Cookie", cookie))).Status);
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await elsewhere.CallAsync(HttpMethod.Delete, "/api/session")).Status);
    }

    [Theory]
    [InlineData("""{"password":"a-good-password"}""", "email")]
    [InlineData("""{"email":"vera@shop.example"}""", "password")]
    [InlineData("""{"email":"vera@shop.example","password":7}""", "password")]
    public async Task A_missing_or_malformed_field_is_named(string body, string field)
    {
        using var vera = _web.Visitor();

        var (status, problem) = await vera.CallAsync(HttpMethod.Post, "/api/session", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        using var vera = await _web.SignedUpAsync();
        using var mallory = _web.Visitor();

        var wrong = await mallory.SignInAsync(vera.Email, "not-her-password");
        var unknown = await mallory.SignInAsync("nobody@shop.example");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (wrong.Status, unknown.Status));
        Assert.Equal(wrong.Body.GetProperty("detail").GetString(), unknown.Body.GetProperty("detail").GetString());
        Assert.Equal("", mallory.Cookie);
    }

    [Fact]
    public async Task An_unknown_address_costs_a_password_check_too()
    {
        var hasher = new CountingHasher();
        await using var web = await AccountsHost.StartAsync(_web.Where, configure: services => services.AddSingleton<IPasswordHasher<Shop.Web.Accounts.Account>>(hasher));
        using var mallory = web.Visitor();
        using var vera = await _web.SignedUpAsync();

        await mallory.SignInAsync(vera.Email, "not-her-password");
        var known = hasher.Checked;
        await mallory.SignInAsync("nobody@shop.example");

        Assert.Equal((1, 2), (known, hasher.Checked));
    }

    [Fact]
    public async Task A_sign_in_begins_a_session_of_its_own_and_ends_the_one_that_the_browser_had()
    {
        using var vera = await _web.SignedUpAsync();
        var planted = vera.Cookie;

        Assert.Equal(HttpStatusCode.OK, (await vera.SignInAsync(vera.Email)).Status);

        Assert.NotEqual(planted, vera.Cookie);
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
        Assert.Single((await vera.GetAsync("/api/sessions")).Body.GetProperty("items").EnumerateArray());
        using var mallory = _web.Visitor();
        Assert.Equal(HttpStatusCode.Unauthorized, (await mallory.GetAsync("/api/session", ("Cookie", planted))).Status);
    }

    [Fact]
    public async Task A_sign_up_in_a_browser_that_is_signed_in_ends_the_other_account_s_session()
    {
        using var browser = await _web.SignedUpAsync("Vera");
        var planted = browser.Cookie;

        await browser.SignUpAsync($"other-{browser.Email}", name: "Other");

        Assert.Equal("Other", (await browser.GetAsync("/api/session")).Body.GetProperty("name").GetString());
        using var mallory = _web.Visitor();
        Assert.Equal(HttpStatusCode.Unauthorized, (await mallory.GetAsync("/api/session", ("Cookie", planted))).Status);
    }

    [Fact]
    public async Task Who_tries_passwords_again_and_again_is_refused_and_the_right_one_is_not_looked_at()
    {
        using var vera = await _web.SignedUpAsync();
        using var mallory = _web.Visitor();
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await mallory.SignInAsync(vera.Email, $"guess number {i}")).Status);

        using var refused = await mallory.SendAsync(HttpMethod.Post, "/api/session", new { email = vera.Email, password = Visitor.Password });

        Assert.Equal((HttpStatusCode.TooManyRequests, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal("", mallory.Cookie);
    }

    [Fact]
    public async Task A_failed_sign_in_leaves_the_session_alone()
    {
        using var vera = await _web.SignedUpAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await vera.SignInAsync(vera.Email, "not-her-password")).Status);

        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
    }

    [Fact]
    public async Task A_weak_hash_is_replaced_when_its_owner_signs_in()
    {
        using var vera = await _web.SignedUpAsync();
        await using var stronger = await AccountsHost.StartAsync(
            _web.Where, configure: static services => services.Configure<PasswordHasherOptions>(static hashing => hashing.IterationCount = 150_000));
        var before = await HashAsync(vera.Email);

        using var elsewhere = stronger.Visitor();
        await elsewhere.SignInAsync(vera.Email, "not-her-password");
        Assert.Equal(before, await HashAsync(vera.Email));
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.SignInAsync(vera.Email)).Status);

        var after = await HashAsync(vera.Email);
        Assert.NotEqual(before, after);
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.SignInAsync(vera.Email)).Status);
        Assert.Equal(after, await HashAsync(vera.Email));
    }

    [Fact]
    public async Task The_cookie_is_for_http_only_and_for_the_whole_site()
    {
        await using var web = await AccountsHost.StartAsync(_web.Where, environment: "Production");
        using var vera = web.Visitor();
        using var signedUp = await vera.SendAsync(HttpMethod.Post, "/api/accounts", new { email = vera.Email, password = Visitor.Password, name = "Vera" });

        var cookie = Assert.Single(signedUp.Headers.GetValues("Set-Cookie"));

        // The prefix and Secure keep a neighbour's page on http from planting one.
        Assert.StartsWith("__Host-shop-session=", cookie, StringComparison.Ordinal);
        var flags = cookie.Split("; ").Skip(1).Select(static flag => flag.Split('=')).ToDictionary(static flag => flag[0], static flag => flag.ElementAtOrDefault(1), StringComparer.Ordinal);
        Assert.Equal("/", flags["path"]);
        Assert.Equal("lax", flags["samesite"]);
        Assert.True(flags.ContainsKey("secure") && flags.ContainsKey("httponly") && !flags.ContainsKey("domain"), cookie);
        Assert.InRange(DateTimeOffset.Parse(flags["expires"]!, System.Globalization.CultureInfo.InvariantCulture), TimeProvider.System.GetUtcNow().AddDays(89), TimeProvider.System.GetUtcNow().AddDays(91));
    }

    [Theory]
    [InlineData("GET", "/sign-in", "shop-forms")]
    [InlineData("POST", "/test/cart", "shop-cart")]
    public async Task So_are_the_cookies_of_those_who_are_not_signed_in(string method, string path, string name)
    {
        await using var web = await AccountsHost.StartAsync(
            _web.Where, environment: "Production", map: static routes => routes.MapPost("/test/cart", static (HttpContext context, ShoppingCarts carts) => carts.AddAsync(context, "MUG-RD", 1)));
        using var nobody = web.Visitor();

        using var answer = await nobody.SendAsync(HttpMethod.Parse(method), path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.Contains(name, StringComparison.Ordinal));
        Assert.StartsWith($"__Host-{name}=", cookie, StringComparison.Ordinal);
        var flags = cookie.Split("; ").Skip(1).ToArray();
        Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "path=/", "secure", "samesite=lax", "httponly" }, flags.ToHashSet(StringComparer.Ordinal));
        Assert.DoesNotContain(flags, static flag => flag.StartsWith("domain", StringComparison.Ordinal));
    }

    private async Task<string> HashAsync(string email)
    {
        await using var connection = await _web.Database.OpenConnectionAsync();
        return await connection.QuerySingleAsync<string>("SELECT password_hash FROM accounts WHERE email = @email", new { email });
    }

    private sealed class CountingHasher : IPasswordHasher<Shop.Web.Accounts.Account>
    {
        private readonly PasswordHasher<Shop.Web.Accounts.Account> _inner = new();

        public int Checked { get; private set; }

        public string HashPassword(Shop.Web.Accounts.Account user, string password) => _inner.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(Shop.Web.Accounts.Account user, string hashedPassword, string providedPassword)
        {
            Checked++;
            return _inner.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
