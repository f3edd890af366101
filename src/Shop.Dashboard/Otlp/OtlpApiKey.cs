using System.Security.Cryptography;
using System.Text;

namespace Shop.Dashboard.Otlp;

/// <summary>Keeps other programs of this machine from writing into the dashboard, when a key is set.</summary>
internal sealed class OtlpApiKey(RequestDelegate next, DashboardOptions options)
{
    public const string Header = "x-otlp-api-key";

    private readonly byte[]? _expected = options.OtlpApiKey is { } key ? Hash(key) : null;

    /// <summary>401 over both protocols; gRPC clients read it as UNAUTHENTICATED.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (_expected is null || CryptographicOperations.FixedTimeEquals(_expected, Hash(context.Request.Headers[Header].ToString())))
            return next(context);
        return TypedResults.Problem($"The header {Header} is missing or wrong.", statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(context);
    }

    /// <summary>Equal lengths whatever the key's, so that comparing takes the same time.</summary>
    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
