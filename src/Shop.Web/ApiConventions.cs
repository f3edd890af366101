using System.Text.Json.Serialization;
using Shop.Web.Grains;

namespace Shop.Web;

internal static class ApiConventions
{
    /// <summary>How the API speaks: source-generated JSON, and problem details for whatever goes wrong.</summary>
    public static IServiceCollection AddApiConventions(this IServiceCollection services) => services
        .AddProblemDetails()
        .AddExceptionHandler<FailureAnswers>()
        .ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict; // "12" is no number
        })
        .Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true);
}
