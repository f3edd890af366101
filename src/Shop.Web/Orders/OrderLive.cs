using System.Runtime.CompilerServices;
using System.Security.Claims;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Redis.Live;
using Shop.Web.Customers;
using Shop.Web.Grains;
using Shop.Web.Live;

namespace Shop.Web.Orders;

/// <summary>Follows one order from placed to settled.</summary>
internal static class OrderLive
{
    public static async Task<IResult> FollowAsync(
        Guid id, ClaimsPrincipal user, GrainCalls grains, LiveLog<OrderStatusChange> log, LastEventId last, CancellationToken cancellationToken)
    {
        var order = await grains.CallAsync(factory => factory.GetGrain<IOrderGrain>(id).GetAsync(user.Customer()), cancellationToken);
        if (order is null)
            return OrdersApi.NoSuchOrder(id);

        // Everything was seen, and nothing more is to come: 204 tells an EventSource not to ask again.
        if (OrderStatusMoves.IsSettled(order.Status) && last.Cursor.Sequence >= order.Version)
            return TypedResults.NoContent();
        return new ServerSentEvents<OrderStatusChange>(UntilSettled(log, order, last.Cursor), "status", EventsJson.Default.OrderStatusChange);
    }

    /// <summary>What happened so far, and what happens until the order is settled.</summary>
    private static async IAsyncEnumerable<LiveItem<OrderStatusChange>> UntilSettled(
        LiveLog<OrderStatusChange> log, Order order, LiveCursor after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in log.ReadAsync(LiveLogs.Order(order.Id), after, cancellationToken))
        {
            yield return item;
            if (OrderStatusMoves.IsSettled(item.Value.Status) && item.Value.Version >= order.Version)
                yield break;
        }
    }
}
