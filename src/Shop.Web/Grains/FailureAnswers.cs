using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Polly.Timeout;
using StackExchange.Redis;

namespace Shop.Web.Grains;

/// <summary>Turns what went wrong into problem details: 400 says where the request is wrong, 503 when to come back.</summary>
public sealed partial class FailureAnswers(IProblemDetailsService problems, ILogger<FailureAnswers> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
            return true; // nobody is there to read an answer

        var problem = exception switch
        {
            BadHttpRequestException bad => BadRequest(bad),
            _ when IsUnavailable(exception) => Unavailable(context),
            _ => null,
        };
        if (problem is null)
            return false;

        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            LogUnavailable(logger, context.Request.Method, context.Request.Path, exception.Message);
        context.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem, Exception = exception });
    }

    /// <summary>Whether a part of the shop does not answer right now. A cancellation is one that the caller did not ask for: whoever should have answered is going away.</summary>
    internal static bool IsUnavailable(Exception exception) =>
        exception is TimeoutRejectedException or OrleansException or RedisException or NpgsqlException { IsTransient: true } or OperationCanceledException
        || GrainCalls.IsPassing(exception);

    private static ProblemDetails BadRequest(BadHttpRequestException exception)
    {
        if (exception.InnerException is JsonException { Path: { Length: > 0 } path })
        {
            return Invalid(exception, path.TrimStart('$', '.') is { Length: > 0 } field ? field : "body", "This is not what the field takes; see /scalar for its type.",
                "The body cannot be read.", detail: null);
        }

        const string Title = "The request cannot be read.";
        if (exception is BadFieldException bad)
            return Invalid(exception, bad.Field, bad.Message, Title, bad.Message);
        return Unbound().Match(exception.Message) is { Success: true } unbound
            ? Invalid(exception, unbound.Groups["name"].Value, "It is missing, or not what the parameter takes; see /scalar for its type.", Title, exception.Message)
            : new ProblemDetails { Status = exception.StatusCode, Title = Title, Detail = exception.Message };
    }

    private static HttpValidationProblemDetails Invalid(BadHttpRequestException exception, string field, string message, string title, string? detail) =>
        new(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] }) { Status = exception.StatusCode, Title = title, Detail = detail };

    private static ProblemDetails Unavailable(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return new ProblemDetails
        {
            Status = StatusCodes.Status503ServiceUnavailable,
            Title = "The shop cannot answer right now.",
            Detail = "A part of it is being replaced. Send the same request again; with the same Idempotency-Key an order is placed once.",
        };
    }

    /// <summary>How ASP.NET Core says that it could not bind a parameter: nothing else of the exception tells which. What was sent comes after the name.</summary>
    [GeneratedRegex("""^(?:Failed to bind|Required) parameter "[^"]* (?<name>\w+)" """, RegexOptions.ExplicitCapture)]
    private static partial Regex Unbound();

    [LoggerMessage(1, LogLevel.Warning, "{Method} {Path} was answered with 503: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string method, string path, string reason);
}
