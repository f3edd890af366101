using Orleans.Concurrency;
using Shop.Contracts.Orders;

namespace Shop.Orders.Checkout;

/// <inheritdoc cref="ICustomerOrdersGrain" />
[StatelessWorker]
public sealed class CustomerOrdersGrain(OrderReader orders) : Grain, ICustomerOrdersGrain
{
    public Task<IReadOnlyList<Order>> ListAsync(Guid? after, int take) =>
        orders.ListAsync(this.GetPrimaryKeyString(), after, Math.Clamp(take, 1, 100));
}
