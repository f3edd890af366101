using Microsoft.AspNetCore.Diagnostics;
using Shop.Web.Grains;

namespace Shop.Web.Storefront;

/// <summary>A page that failed is answered with its status only; the status pages make <c>/problem</c> of it.</summary>
internal sealed partial class PageFailures(ILogger<PageFailures> logger) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!PageRequest.Is(httpContext))
            return ValueTask.FromResult(false);

        var status = exception switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            _ when FailureAnswers.IsUnavailable(exception) => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
        if (status == StatusCodes.Status500InternalServerError)
            LogFailed(logger, exception, httpContext.Request.Method, httpContext.Request.Path);
        else
            LogRefused(logger, httpContext.Request.Method, httpContext.Request.Path, status, exception.Message);
        httpContext.Response.StatusCode = status;
        return ValueTask.FromResult(true);
    }

    [LoggerMessage(1, LogLevel.Error, "The page {Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(2, LogLevel.Warning, "The page {Method} {Path} was answered with {Status}: {Reason}")]
    private static partial void LogRefused(ILogger logger, string method, string path, int status, string reason);
}
