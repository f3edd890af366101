using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;

namespace Shop.Orders.Catalogue;

/// <summary>Reads products with the price and the stock of the moment, and changes prices.</summary>
public sealed class CatalogueStore(NpgsqlDataSource database, Outbox outbox, CatalogueChanges changes)
{
    /// <summary>How many products a full page holds.</summary>
    public const int PageSize = 12;

    public async Task<ProductPage> SearchAsync(string? query, int page, string? category = null, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<ProductRow>(new CommandDefinition(
            """
            SELECT p.sku, p.name, p.description, p.category, p.price, s.available AS stock, count(*) OVER () AS total
            FROM products p
            JOIN stock s USING (sku)
            WHERE (@category IS NULL OR p.category = @category)
              AND (@pattern IS NULL
                   OR p.name ILIKE @pattern OR p.description ILIKE @pattern OR p.category ILIKE @pattern OR p.sku ILIKE @pattern)
            ORDER BY p.category, p.name
            LIMIT @take OFFSET @skip
            """,
            new { category, pattern = Pattern(query), take = PageSize, skip = (long)(page - 1) * PageSize },
            cancellationToken: cancellationToken));
        var found = rows.AsList();
        var total = found.Count > 0 ? (int)found[0].Total : page > 1 ? (await SearchAsync(query, 1, category, cancellationToken)).Total : 0;
        return new ProductPage([.. found.Select(static row => row.ToProduct())], page, PageSize, total);
    }

    public async Task<IReadOnlyList<ProductCategory>> CategoriesAsync(CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<ProductCategory>(new CommandDefinition(
            "SELECT category AS name, count(*)::integer AS products FROM products GROUP BY category ORDER BY category", cancellationToken: cancellationToken))];
    }

    public async Task<Product?> GetAsync(string sku, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<ProductRow>(new CommandDefinition(
            """
            SELECT p.sku, p.name, p.description, p.category, p.price, s.available AS stock, 1::bigint AS total
            FROM products p
            JOIN stock s USING (sku)
            WHERE p.sku = @sku
            """,
            new { sku },
            cancellationToken: cancellationToken));
        return row?.ToProduct();
    }

    /// <summary>Sets the price; null when there is no such product.</summary>
    public async Task<Product?> ChangePriceAsync(string sku, Money price, CancellationToken cancellationToken = default)
    {
        if (price.Currency != Money.ShopCurrency || price.Amount <= 0)
            throw new ArgumentException($"The price is {price}; it must be positive, in {Money.ShopCurrency}.", nameof(price));

        await using var transaction = await outbox.BeginAsync(cancellationToken);
        var changed = await transaction.Connection.ExecuteAsync(new CommandDefinition(
            "UPDATE products SET price = @price WHERE sku = @sku AND price <> @price",
            new { sku, price = price.Amount },
            transaction.Transaction,
            cancellationToken: cancellationToken));
        if (changed > 0)
        {
            var change = changes.Enqueue(transaction, [sku]);
            await transaction.CommitAsync(cancellationToken);
            await changes.AnnounceAsync(change, cancellationToken);
        }

        return await GetAsync(sku, cancellationToken);
    }

    /// <summary>The query as a LIKE pattern in which the customer's own % and _ stand for themselves; null finds everything.</summary>
    private static string? Pattern(string? query) =>
        string.IsNullOrWhiteSpace(query)
            ? null
            : $"%{query.Trim().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";

    private sealed record ProductRow(string Sku, string Name, string Description, string Category, decimal Price, int Stock, long Total)
    {
        public Product ToProduct() => new(Sku, Name, Description, Category, Money.Of(Price), Stock);
    }
}
