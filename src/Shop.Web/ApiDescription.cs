using System.Net.Mime;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Shop.Web;

/// <summary>What the OpenAPI document says of every operation, so that no endpoint has to.</summary>
internal static class ApiDescription
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi(static options => options.AddOperationTransformer(static async (operation, context, cancellationToken) =>
    {
        var problem = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), cancellationToken: cancellationToken);
        operation.Responses ??= [];
        foreach (var (status, description) in ForAll)
        {
            operation.Responses.TryAdd(status, new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [MediaTypeNames.Application.ProblemJson] = new() { Schema = problem } },
            });
        }
    }));

    private static readonly (string Status, string Description)[] ForAll =
    [
        ("400", "A field or parameter is not what it must be; the errors name it."),
        ("429", "Too many requests: Retry-After and RateLimit say when to come back."),
        ("503", "The shop cannot answer now: Retry-After says when to try again. Nothing that was accepted is lost."),
    ];
}
