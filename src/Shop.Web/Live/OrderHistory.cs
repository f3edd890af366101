using System.Runtime.CompilerServices;
using Shop.Contracts.Orders;
using Shop.Redis.Live;
using Shop.Web.Grains;

namespace Shop.Web.Live;

/// <summary>What lies behind the live log of an order: its steps in Postgres, by way of its grain.</summary>
public sealed class OrderHistory(GrainCalls grains) : ILiveHistory<OrderStatusChange>
{
    public async IAsyncEnumerable<(long Sequence, OrderStatusChange Value)> ReadAsync(string log, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        var id = Guid.Parse(log.AsSpan(log.IndexOf(':', StringComparison.Ordinal) + 1));
        foreach (var step in await grains.CallAsync(factory => factory.GetGrain<IOrderGrain>(id).HistoryAsync((int)after), ct))
            yield return (step.Version, step);
    }
}
