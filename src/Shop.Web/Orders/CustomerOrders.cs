using System.Security.Claims;
using Shop.Contracts.Orders;
using Shop.Web.Customers;
using Shop.Web.Grains;

namespace Shop.Web.Orders;

/// <summary>What a customer does with orders, from the API and from the pages.</summary>
public sealed class CustomerOrders(GrainCalls grains)
{
    private const int PageSize = 20;

    /// <summary>Places an order under a new id. Of an order that was placed before, the result tells the id that it has.</summary>
    public async Task<(Guid Id, PlaceOrderResult Result)> PlaceAsync(ClaimsPrincipal user, PlaceOrder command, CancellationToken cancellationToken)
    {
        command = command with { Email = user.FindFirstValue(ClaimTypes.Email) };
        var id = Guid.CreateVersion7();
        return (id, await grains.CallAsync(factory => factory.GetGrain<IOrderGrain>(id).PlaceAsync(command), cancellationToken));
    }

    /// <summary>A page of orders, newest first, placed before the order <paramref name="after"/>.</summary>
    public async Task<OrderList> ListAsync(ClaimsPrincipal user, Guid? after, CancellationToken cancellationToken)
    {
        var orders = await grains.CallAsync(factory => factory.GetGrain<ICustomerOrdersGrain>(user.Customer()).ListAsync(after, PageSize + 1), cancellationToken);
        var page = orders.Take(PageSize).Select(OrderView.Of).ToArray();
        return new OrderList(page, orders.Count > PageSize ? page[^1].Id : null);
    }

    /// <summary>One order; null when the customer has none with this id.</summary>
    public Task<Order?> GetAsync(ClaimsPrincipal user, Guid id, CancellationToken cancellationToken) =>
        grains.CallAsync(factory => factory.GetGrain<IOrderGrain>(id).GetAsync(user.Customer()), cancellationToken);

    /// <summary>The steps of an order that <see cref="GetAsync"/> found, oldest first.</summary>
    public Task<IReadOnlyList<OrderStatusChange>> StepsAsync(Order order, CancellationToken cancellationToken) =>
        grains.CallAsync(factory => factory.GetGrain<IOrderGrain>(order.Id).HistoryAsync(0), cancellationToken);

    /// <summary>Cancels an order.</summary>
    public Task<CancelOrderResult> CancelAsync(ClaimsPrincipal user, Guid id, CancellationToken cancellationToken) =>
        grains.CallAsync(factory => factory.GetGrain<IOrderGrain>(id).CancelAsync(user.Customer()), cancellationToken);
}
