using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;
using Shop.Redis.Caching;

namespace Shop.Orders.Catalogue;

/// <summary>
/// Tells the caches of the catalogue what has changed, twice. Right after the commit, so that every web server shows it at
/// once; an order is never kept waiting by that. And by an event that is part of the transaction, whose consumer
/// (<see cref="InvalidateCatalogue"/>) invalidates what a crash, or an absent Redis, kept the first from. The change has a name,
/// so that the second does nothing when the first got through.
/// </summary>
public sealed class CatalogueChanges(CacheInvalidator caches)
{
    /// <summary>Adds the event; <see cref="Post"/> or <see cref="AnnounceAsync"/> follows the commit.</summary>
    public CatalogueChanged Enqueue(OutboxTransaction transaction, IEnumerable<string> skus)
    {
        var change = new CatalogueChanged(Guid.CreateVersion7(), [.. skus]);
        transaction.Enqueue(Streams.Catalogue, change.ChangeId.ToString(), change);
        return change;
    }

    /// <summary>Returns at once.</summary>
    public void Post(CatalogueChanged change) => caches.Post(Invalidation(change));

    /// <summary>Returns when Redis has it, or does not answer: false.</summary>
    public Task<bool> AnnounceAsync(CatalogueChanged change, CancellationToken cancellationToken) => caches.InvalidateAsync(Invalidation(change), cancellationToken);

    private static CacheInvalidation Invalidation(CatalogueChanged change) => new()
    {
        Keys = [.. change.Skus.Select(CatalogueCache.Product)],
        Tags = [CatalogueCache.Lists],
        Change = change.ChangeId.ToString("N"),
    };
}
