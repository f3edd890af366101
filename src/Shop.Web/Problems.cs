using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.Web;

/// <summary>Problem details in one tone: what was wrong, with which value, and what to do.</summary>
internal static class Problems
{
    /// <summary>400, naming one field.</summary>
    public static ValidationProblem Field(string field, string message) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] }, title: "The request is not valid.");

    /// <summary>422, naming one field: the request is well formed, and still not what can be done.</summary>
    public static ProblemHttpResult Unprocessable(string title, string field, string message, params (string Name, object? Value)[] extensions) =>
        Refused(StatusCodes.Status422UnprocessableEntity, title, field, message, extensions);

    /// <summary>Any status, naming one field.</summary>
    public static ProblemHttpResult Refused(int status, string title, string field, string message, params (string Name, object? Value)[] extensions) =>
        TypedResults.Problem(new HttpValidationProblemDetails(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] })
        {
            Status = status,
            Title = title,
            Detail = message,
            Extensions = extensions.ToDictionary(static pair => pair.Name, static pair => pair.Value, StringComparer.Ordinal),
        });

    public static ProblemHttpResult NotFound(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found.");

    public static ProblemHttpResult Conflict(string title, string detail, params (string Name, object? Value)[] extensions) =>
        TypedResults.Problem(
            detail, statusCode: StatusCodes.Status409Conflict, title: title, extensions: extensions.ToDictionary(static pair => pair.Name, static pair => pair.Value, StringComparer.Ordinal));
}
