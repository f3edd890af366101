using System.Net;
using Dapper;
using Xunit;

namespace Shop.Tests.Web;

public sealed class SignUpTests(Servers servers) : IAsyncLifetime
{
    private AccountsHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers));

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task An_account_is_made_and_signed_in()
    {
        using var vera = _web.Visitor();

        var (status, account) = await vera.CallAsync(HttpMethod.Post, "/api/accounts", new { email = " Vera@Shop.Example ", password = Visitor.Password, name = " Vera Ü " });
        var (_, me) = await vera.GetAsync("/api/session");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("Vera@Shop.Example", "Vera Ü", false), (account.GetProperty("email").GetString(), account.GetProperty("name").GetString(), account.GetProperty("operator").GetBoolean()));
        Assert.Equal(account.ToString(), me.ToString());
    }

    [Theory]
    [InlineData("""{"password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":" ","password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":"vera","password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":"vera@shop","password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":"ve ra@shop.example","password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":"vera@@shop.example","password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":"vera\u0000@shop.example","password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":"vera@shop..example","password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":5,"password":"a-good-password","name":"Vera"}""", "email")]
    [InlineData("""{"email":"vera@shop.example","name":"Vera"}""", "password")]
    [InlineData("""{"email":"vera@shop.example","password":"short","name":"Vera"}""", "password")]
    [InlineData("""{"email":"vera@shop.example","password":"aaaaaaaaaaaa","name":"Vera"}""", "password")]
    [InlineData("""{"email":"vera@shop.example","password":"VERA@shop.example","name":"Vera"}""", "password")]
    [InlineData("""{"email":"vera@shop.example","password":"vera vera","name":"Vera Vera"}""", "password")]
    [InlineData("""{"email":"vera@shop.example","password":["a-good-password"],"name":"Vera"}""", "password")]
    [InlineData("""{"email":"vera@shop.example","password":"a-good-password"}""", "name")]
    [InlineData("""{"email":"vera@shop.example","password":"a-good-password","name":"\t"}""", "name")]
    [InlineData("""{"email":"vera@shop.example","password":"a-good-password","name":"Ve\nra"}""", "name")]
    [InlineData("""{"email":"vera@shop.example","password":"a-good-password","name":"Ve\u202Era"}""", "name")]
    public async Task A_bad_field_is_named(string body, string field)
    {
        using var vera = _web.Visitor();

        var (status, problem) = await vera.CallAsync(HttpMethod.Post, "/api/accounts", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal("", vera.Cookie);
    }

    [Theory]
    [InlineData(245, 15, 5)]
    [InlineData(60, 129, 5)]
    [InlineData(60, 15, 65)]
    public async Task What_is_too_long_is_refused(int email, int password, int name)
    {
        using var vera = _web.Visitor();

        var (status, _) = await vera.SignUpAsync($"{new string('v', email)}@shop.example", string.Concat(Enumerable.Repeat("pw", password)), new string('n', name));

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task All_bad_fields_are_named_at_once()
    {
        using var vera = _web.Visitor();

        var (_, problem) = await vera.CallAsync(HttpMethod.Post, "/api/accounts", "{}");

        Assert.Equal(["email", "password", "name"], problem.GetProperty("errors").EnumerateObject().Select(static error => error.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task A_body_that_is_no_account_is_refused_with_problem_details(string body)
    {
        using var vera = _web.Visitor();

        using var response = await vera.SendAsync(HttpMethod.Post, "/api/accounts", body);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task An_address_has_one_account_however_it_is_written_and_however_often_it_is_tried_at_once()
    {
        using var vera = _web.Visitor();
        var spellings = new[] { "twice@shop.example", "Twice@shop.example", "TWICE@SHOP.EXAMPLE", "twice@shop.example " };

        var answers = await Task.WhenAll(spellings.Select(email => vera.SignUpAsync(email)));

        Assert.Single(answers, static answer => answer.Status == HttpStatusCode.Created);
        var refused = answers.Where(static answer => answer.Status == HttpStatusCode.Conflict).ToArray();
        Assert.Equal(spellings.Length - 1, refused.Length);
        Assert.All(refused, static answer => Assert.Equal("email", answer.Body.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task The_database_knows_no_password_and_no_secret()
    {
        using var vera = await _web.SignedUpAsync();
        var (_, token) = await vera.TokenAsync();

        await using var connection = await _web.Database.OpenConnectionAsync();
        var everything = string.Join('\n', await connection.QueryAsync<string>(
            """
            SELECT account::text FROM accounts AS account
            UNION ALL SELECT session::text FROM sessions AS session
            UNION ALL SELECT field::text || encode(value, 'escape') FROM session_fields AS field
            UNION ALL SELECT token::text FROM tokens AS token
            """));

        Assert.Contains(vera.Email, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Visitor.Password, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(token["Bearer shop_".Length..], everything, StringComparison.Ordinal);
        Assert.DoesNotContain(vera.Cookie.Split('=')[1], everything, StringComparison.Ordinal);
    }
}
