using MassTransit;
using Shop.Contracts.Orders;

namespace Shop.Orders.Catalogue;

/// <summary>Group <c>orders</c> of the stream <c>catalogue</c>: makes sure that each change reached the caches. May be repeated, so it needs no inbox.</summary>
public sealed class InvalidateCatalogue(CatalogueChanges changes) : IConsumer<CatalogueChanged>
{
    public async Task Consume(ConsumeContext<CatalogueChanged> context)
    {
        if (!await changes.AnnounceAsync(context.Message, context.CancellationToken))
            throw new TimeoutException($"Redis did not take the change {context.Message.ChangeId} of the catalogue in time; it is announced again.");
    }
}
