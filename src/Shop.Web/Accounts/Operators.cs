namespace Shop.Web.Accounts;

/// <summary>
/// Those who run the shop. An account becomes one in the database (<c>UPDATE accounts SET operator = true WHERE …</c>), and
/// knows of it from its next sign-in; its tokens do at once.
/// </summary>
public static class Operators
{
    /// <summary>The role that operators have.</summary>
    public const string Role = "operator";

    /// <summary>401 for nobody, 403 for other customers.</summary>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(static policy => policy.RequireRole(Role));
}
