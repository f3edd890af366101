using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Polly.Timeout;

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
            TimeoutRejectedException or OrleansException => Unavailable(context),
            _ when GrainCalls.IsPassing(exception) => Unavailable(context),
            _ => null,
        };
        if (problem is null)
            return false;

        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            LogUnavailable(logger, context.Request.Method, context.Request.Path, exception.Message);
        context.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem, Exception = exception });
    }

    private static ProblemDetails BadRequest(BadHttpRequestException exception) =>
        exception.InnerException is JsonException { Path: { Length: > 0 } path }
            ? new HttpValidationProblemDetails(new Dictionary<string, string[]>(StringComparer.Ordinal)
            {
                [path.TrimStart('$', '.') is { Length: > 0 } field ? field : "body"] = ["This is not what the field takes; see /scalar for its type."],
            })
            {
                Status = exception.StatusCode,
                Title = "The body cannot be read.",
            }
            : new ProblemDetails { Status = exception.StatusCode, Title = "The request cannot be read.", Detail = exception.Message };

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

    [LoggerMessage(1, LogLevel.Warning, "{Method} {Path} was answered with 503: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string method, string path, string reason);
}
