using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Shop.Contracts.Orders;
using Shop.Web.Customers;
using Shop.Web.Limits;

namespace Shop.Web.Orders;

/// <summary>A customer's orders. Another's order is answered like one that does not exist.</summary>
public static class OrdersApi
{
    public static RouteGroupBuilder MapOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/api/orders").WithTags("Orders").RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        orders.MapPost("/", PlaceAsync).WithSummary("Places an order; 201 means that it is durable").RequireRateLimiting(LimitPolicies.PlaceOrder)
            .ProducesProblem(StatusCodes.Status429TooManyRequests).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        orders.MapGet("/", ListAsync).WithSummary("Orders, newest first");
        orders.MapGet("/{id:guid}", GetAsync).WithName("GetOrder").WithSummary("One order");
        orders.MapPost("/{id:guid}/cancel", CancelAsync).WithSummary("Cancels an order; money already taken is given back");
        orders.MapGet("/{id:guid}/live", OrderLive.FollowAsync).WithSummary("Each status as it happens, as server-sent events, until the order is settled")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").ProducesProblem(StatusCodes.Status404NotFound);
        return orders;
    }

    private static async Task<Results<Created<OrderView>, Ok<OrderView>, ValidationProblem, ProblemHttpResult>> PlaceAsync(
        PlaceOrderRequest request,
        ClaimsPrincipal user,
        CustomerOrders orders,
        CancellationToken cancellationToken,
        [FromHeader(Name = "Idempotency-Key"), Description("Your own name for this order, 1 to 128 characters; the same key places one order")] string? idempotencyKey = null)
    {
        if (request.Validate(user.Customer(), idempotencyKey, out var errors) is not { } command)
            return TypedResults.ValidationProblem(errors, title: "The order is not valid.");

        var (id, result) = await orders.PlaceAsync(user, command, cancellationToken);
        return result switch
        {
            // A call that was repeated behind the scenes finds the order that its first try placed: new all the same.
            { Outcome: PlaceOrderOutcome.Placed or PlaceOrderOutcome.AlreadyPlaced, Order: { } order } => order.Id == id
                ? TypedResults.Created($"/api/orders/{order.Id}", OrderView.Of(order))
                : TypedResults.Ok(OrderView.Of(order)),
            { Outcome: PlaceOrderOutcome.KeyReused } => Problems.Unprocessable(
                "The key belongs to another order.", "Idempotency-Key",
                $"The Idempotency-Key '{command.IdempotencyKey}' was used for another order. Send that order again as it was, or choose a new key."),
            { Outcome: PlaceOrderOutcome.UnknownSku, Sku: { } sku } => Problems.Field(request.FieldOf(sku), $"There is no product with the SKU '{sku}'. GET /api/products lists them."),
            { Outcome: PlaceOrderOutcome.OutOfStock, Sku: { } sku } => Problems.Conflict(
                "Out of stock.", $"There is not enough stock of '{sku}' for this order. Order fewer, or come back later.", ("sku", sku)),
            _ => throw new InvalidOperationException($"The order grain answered {result.Outcome} without saying what for."),
        };
    }

    private static async Task<Ok<OrderList>> ListAsync(
        ClaimsPrincipal user, CustomerOrders orders, CancellationToken cancellationToken, [Description("The next of the page before")] Guid? after = null) =>
        TypedResults.Ok(await orders.ListAsync(user, after, cancellationToken));

    private static async Task<Results<Ok<OrderView>, ProblemHttpResult>> GetAsync(Guid id, ClaimsPrincipal user, CustomerOrders orders, CancellationToken cancellationToken) =>
        await orders.GetAsync(user, id, cancellationToken) is { } order
            ? TypedResults.Ok(OrderView.Of(order))
            : NoSuchOrder(id);

    private static async Task<Results<Ok<OrderView>, ProblemHttpResult>> CancelAsync(Guid id, ClaimsPrincipal user, CustomerOrders orders, CancellationToken cancellationToken)
    {
        var result = await orders.CancelAsync(user, id, cancellationToken);
        return result switch
        {
            { Outcome: CancelOrderOutcome.Cancelled, Order: { } order } => TypedResults.Ok(OrderView.Of(order)),
            { Outcome: CancelOrderOutcome.NotAllowed, Order: { } order } => Problems.Conflict(
                "The order cannot be cancelled.", $"The order is {order.Status}; only a Placed or Paid order can be cancelled.", ("status", order.Status.ToString())),
            _ => NoSuchOrder(id),
        };
    }

    internal static ProblemHttpResult NoSuchOrder(Guid id) => Problems.NotFound($"You have no order {id}. GET /api/orders lists yours.");
}
