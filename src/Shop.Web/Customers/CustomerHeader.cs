using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Shop.Web.Customers;

/// <summary>
/// Until there is a sign-in, the customer is whoever the header <c>X-Customer</c> says: in the Development environment only.
/// </summary>
public sealed partial class CustomerHeader(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IHostEnvironment environment, IProblemDetailsService problems)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "X-Customer";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var customer = Request.Headers[Name].ToString();
        if (customer.Length == 0 || !environment.IsDevelopment())
            return Task.FromResult(AuthenticateResult.NoResult());
        if (!WellFormed().IsMatch(customer))
            return Task.FromResult(AuthenticateResult.Fail("malformed"));

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, customer)], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var malformed = environment.IsDevelopment() && Request.Headers[Name].ToString().Length > 0;
        Response.StatusCode = malformed ? StatusCodes.Status400BadRequest : StatusCodes.Status401Unauthorized;
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = Context,
            ProblemDetails =
            {
                Status = Response.StatusCode,
                Title = malformed ? $"The header {Name} is malformed." : "Who are you?",
                Detail = environment.IsDevelopment()
                    ? $"Send the header {Name} with 1 to 64 characters of A-Z a-z 0-9 . _ -, for example '{Name}: ada'."
                    : $"There is no sign-in yet, and the header {Name} counts only in the Development environment.",
            },
        });
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$", RegexOptions.ExplicitCapture)]
    private static partial Regex WellFormed();
}

/// <summary>The customer of a request that passed <see cref="CustomerHeader"/>.</summary>
public static class CustomerClaims
{
    public static string Customer(this ClaimsPrincipal user) => user.Identity!.Name!;
}
