using System.Security.Claims;

namespace Shop.Web.Customers;

/// <summary>Who a request is from, once it is authenticated.</summary>
public static class CustomerClaims
{
    /// <summary>The customer's key in grain calls: the id of the account. What people see is the name, <c>user.Identity.Name</c>.</summary>
    public static string Customer(this ClaimsPrincipal user) =>
        user.FindFirstValue(ClaimTypes.NameIdentifier) ?? throw new InvalidOperationException("The endpoint asks who the customer is, but lets everybody in: it lacks RequireAuthorization().");
}
