using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Shop.ConventionalOrders;

/// <summary>
/// One transaction a request: the stock rows are read and locked in the order of their SKUs (so that nothing is oversold and nobody
/// deadlocks), and one SaveChanges writes stock, order, lines and the outbox row. Three round trips, as few as it can do with.
/// </summary>
public static class OrdersApi
{
    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/session", SignInAsync);
        routes.MapPost("/api/orders", PlaceAsync).RequireAuthorization();
    }

    /// <summary>Who can sign in is not what is measured: a cookie for everybody, of the framework's own kind, which needs no store.</summary>
    private static async Task<NoContent> SignInAsync(SignInRequest request, HttpContext http)
    {
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, request.Email)], CookieAuthenticationDefaults.AuthenticationScheme);
        await http.SignInAsync(new ClaimsPrincipal(identity));
        return TypedResults.NoContent();
    }

    private static async Task<Results<Created<OrderView>, Ok<OrderView>, ValidationProblem, Conflict<string>>> PlaceAsync(
        PlaceOrderRequest request, ClaimsPrincipal user, OrdersDb database, CancellationToken cancellationToken, [FromHeader(Name = "Idempotency-Key")] string idempotencyKey)
    {
        if (request.Lines is not { Count: > 0 } || request.Lines.Any(static line => line.Quantity is < 1 or > 99))
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["lines"] = ["One line or more, each with a quantity from 1 to 99."] });

        var customer = user.FindFirstValue(ClaimTypes.NameIdentifier)!;
        var skus = request.Lines.Select(static line => line.Sku).Distinct().ToArray();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var products = await database.Products
            .FromSql($"SELECT sku, name, price, available FROM products WHERE sku = ANY ({skus}) ORDER BY sku FOR UPDATE")
            .ToDictionaryAsync(static product => product.Sku, cancellationToken);
        foreach (var line in request.Lines)
        {
            if (!products.TryGetValue(line.Sku, out var product))
                return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["lines"] = [$"There is no product {line.Sku}."] });
            if ((product.Available -= line.Quantity) < 0)
                return TypedResults.Conflict($"Not enough of {line.Sku}.");
        }

        var order = NewOrder(customer, idempotencyKey, request.Lines, products);
        database.Orders.Add(order);
        database.Outbox.Add(new OutboxMessage { Id = Guid.CreateVersion7(), Type = "OrderPlaced", Data = JsonSerializer.Serialize(order), OccurredAt = order.PlacedAt });
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancellationToken);
            database.ChangeTracker.Clear();
            var before = await database.Orders.AsNoTracking().Include(static earlier => earlier.Lines)
                .SingleAsync(earlier => earlier.Customer == customer && earlier.IdempotencyKey == idempotencyKey, cancellationToken);
            return TypedResults.Ok(OrderView.Of(before));
        }

        return TypedResults.Created($"/api/orders/{order.Id}", OrderView.Of(order));
    }

    private static Order NewOrder(string customer, string idempotencyKey, IReadOnlyList<LineRequest> lines, Dictionary<string, Product> products)
    {
        var taken = lines.Select((line, index) => new OrderLine
        {
            Number = index + 1,
            Sku = line.Sku,
            Name = products[line.Sku].Name,
            Quantity = line.Quantity,
            UnitPrice = products[line.Sku].Price,
        }).ToList();
        return new Order
        {
            Id = Guid.CreateVersion7(),
            Customer = customer,
            IdempotencyKey = idempotencyKey,
            Total = taken.Sum(static line => line.Quantity * line.UnitPrice),
            PlacedAt = TimeProvider.System.GetUtcNow(),
            Lines = taken,
        };
    }
}

public sealed record SignInRequest(string Email);

public sealed record PlaceOrderRequest(IReadOnlyList<LineRequest> Lines, string? Card);

public sealed record LineRequest(string Sku, int Quantity);

public sealed record OrderView(Guid Id, decimal Total, DateTimeOffset PlacedAt, IReadOnlyList<OrderLineView> Lines)
{
    public static OrderView Of(Order order) =>
        new(order.Id, order.Total, order.PlacedAt, [.. order.Lines.Select(static line => new OrderLineView(line.Sku, line.Name, line.Quantity, line.UnitPrice))]);
}

public sealed record OrderLineView(string Sku, string Name, int Quantity, decimal UnitPrice);
