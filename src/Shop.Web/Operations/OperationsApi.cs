using Shop.Web.Bursts;

namespace Shop.Web.Operations;

/// <summary>What somebody on call looks at, and the few things that they may do. For operators only.</summary>
public static class OperationsApi
{
    /// <summary>The role that an operator's account has.</summary>
    public const string Role = "operator";

    public static RouteGroupBuilder MapOperations(this IEndpointRouteBuilder routes)
    {
        var operations = routes.MapGroup("/api/operations").WithTags("Operations")
            .RequireAuthorization(static policy => policy.RequireAuthenticatedUser().RequireRole(Role))
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        operations.MapStreams();
        operations.MapDeadLetters();
        operations.MapLocks();
        operations.MapJobs();
        operations.MapSettlements();
        operations.MapLimits();
        operations.MapBursts();
        operations.MapGet("/live", OperationsLive.Follow).WithSummary("Streams, queues, running jobs and locks as they are, every second, as server-sent events")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
        return operations;
    }
}
