using System.Net;
using System.Text.RegularExpressions;
using Shop.Web.Pages;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>The pages that lead to an account work without JavaScript, and their forms carry anti-forgery tokens.</summary>
public sealed partial class AccountPageTests(Servers servers) : IAsyncLifetime
{
    private AccountsHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers));

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    [Fact]
    public async Task The_form_signs_up_and_leads_on()
    {
        using var vera = _web.Visitor();

        using var answer = await SubmitAsync(vera, "/sign-up?return=%2Fsomewhere", ("name", "Vera"), ("email", vera.Email), ("password", Visitor.Password));

        Assert.Equal((HttpStatusCode.Redirect, "/somewhere"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
    }

    [Fact]
    public async Task The_form_signs_in_and_a_wrong_password_shows_it_again()
    {
        using var account = await _web.SignedUpAsync();
        using var vera = _web.Visitor();

        using var wrong = await SubmitAsync(vera, "/sign-in", ("email", account.Email), ("password", "not-her-password"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("The e-mail address or the password is wrong.", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var right = await SubmitAsync(vera, "/sign-in", ("email", account.Email), ("password", Visitor.Password));
        Assert.Equal((HttpStatusCode.Redirect, "/"), (right.StatusCode, right.Headers.Location?.OriginalString));
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
    }

    [Fact]
    public async Task A_sign_up_that_is_not_valid_or_not_new_says_so()
    {
        using var account = await _web.SignedUpAsync();
        using var vera = _web.Visitor();

        using var invalid = await SubmitAsync(vera, "/sign-up", ("name", "Vera"), ("email", "vera"), ("password", "short"));
        using var taken = await SubmitAsync(vera, "/sign-up", ("name", "Vera"), ("email", account.Email), ("password", Visitor.Password));

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Conflict), (invalid.StatusCode, taken.StatusCode));
        Assert.Contains("This is no e-mail address", await invalid.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("has an account already", await taken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sign-in", "sign-in")]
    [InlineData("/sign-up", "sign-up")]
    public async Task A_form_without_its_anti_forgery_token_is_refused(string page, string form)
    {
        using var vera = _web.Visitor();
        using var content = new FormUrlEncodedContent([new("_handler", form), new("name", "Vera"), new("email", vera.Email), new("password", Visitor.Password)]);

        using var answer = await vera.SendAsync(HttpMethod.Post, page, content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("", vera.Cookie);
    }

    [Theory]
    [InlineData("/orders?page=2", "/orders?page=2")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void A_sign_in_never_leads_to_another_site(string? path, string leadsTo) => Assert.Equal(leadsTo, LocalPath.Of(path));

    private static async Task<HttpResponseMessage> SubmitAsync(Visitor visitor, string page, params (string Name, string Value)[] fields)
    {
        using var form = await visitor.SendAsync(HttpMethod.Get, page);
        var html = await form.Content.ReadAsStringAsync();
        html = html[html.IndexOf("<main", StringComparison.Ordinal)..]; // the header has forms too
        using var content = new FormUrlEncodedContent(
            HiddenFields().Matches(html).Select(static match => KeyValuePair.Create(match.Groups["name"].Value, WebUtility.HtmlDecode(match.Groups["value"].Value)))
                .Concat(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))));
        return await visitor.SendAsync(HttpMethod.Post, page, content, ("Sec-Fetch-Site", "same-origin"));
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex HiddenFields();
}
