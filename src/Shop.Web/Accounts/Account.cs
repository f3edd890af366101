using System.Security.Claims;

namespace Shop.Web.Accounts;

/// <summary>Somebody who can sign in.</summary>
/// <param name="Id">Also the <c>customer</c> of orders, boards and feeds.</param>
/// <param name="Email">As its owner wrote it.</param>
/// <param name="Name">What others see.</param>
/// <param name="Operator">Whether the account may use the operators' part of the API.</param>
public sealed record Account(Guid Id, string Email, string Name, bool Operator)
{
    /// <summary>The claims that everything behind the sign-in relies on, however the request was authenticated.</summary>
    public ClaimsPrincipal As(string scheme)
    {
        var identity = new ClaimsIdentity(scheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, Id.ToString()));
        identity.AddClaim(new Claim(ClaimTypes.Name, Name));
        identity.AddClaim(new Claim(ClaimTypes.Email, Email));
        if (Operator)
            identity.AddClaim(new Claim(ClaimTypes.Role, Operators.Role));
        return new ClaimsPrincipal(identity);
    }
}
