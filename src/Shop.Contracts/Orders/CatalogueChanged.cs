namespace Shop.Contracts.Orders;

/// <summary>Products look different than before: their price or their stock. One for all that was committed together.</summary>
/// <param name="ChangeId">Names the change; it is announced more than once.</param>
/// <param name="Skus">The products, each once.</param>
public sealed record CatalogueChanged(Guid ChangeId, IReadOnlyList<string> Skus);
