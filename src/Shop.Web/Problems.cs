using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.Web;

/// <summary>Problem details in one tone: what was wrong, with which value, and what to do.</summary>
internal static class Problems
{
    /// <summary>400, naming one field.</summary>
    public static ValidationProblem Field(string field, string message) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] }, title: "The request is not valid.");

    public static ProblemHttpResult NotFound(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found.");

    public static ProblemHttpResult Conflict(string title, string detail, params (string Name, object? Value)[] extensions) =>
        TypedResults.Problem(
            detail, statusCode: StatusCodes.Status409Conflict, title: title, extensions: extensions.ToDictionary(static pair => pair.Name, static pair => pair.Value, StringComparer.Ordinal));
}
