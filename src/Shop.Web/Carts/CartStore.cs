using Dapper;
using Npgsql;

namespace Shop.Web.Carts;

/// <summary>The carts in Postgres, so that any replica shows them and no wipe of Redis empties one.</summary>
internal sealed class CartStore(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The most of one product.</summary>
    public const int MaxQuantity = 99;

    /// <summary>How long the cart of a browser that nobody signed in with is kept after its last change.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>The cart; null while nothing was ever put into it.</summary>
    public async Task<Cart?> FindAsync(CartOwner owner, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<(Guid CheckoutKey, Guid? PlacedKey, Guid? PlacedOrder, string? Sku, int? Quantity)>(new CommandDefinition(
            $"""
             SELECT cart.checkout_key, cart.placed_key, cart.placed_order, line.sku, line.quantity
             FROM carts AS cart
             LEFT JOIN cart_lines AS line ON line.cart_id = cart.id
             WHERE cart.{owner.Column} = @key
             ORDER BY line.added_at, line.sku
             """,
            new { key = owner.Key },
            cancellationToken: cancellationToken))).AsList();
        return rows.Count == 0
            ? null
            : new Cart(rows[0].CheckoutKey, rows[0].PlacedKey, rows[0].PlacedOrder, [.. rows.Where(static row => row.Sku is not null).Select(static row => new CartItem(row.Sku!, row.Quantity!.Value))]);
    }

    /// <summary>How many products are in the cart.</summary>
    public async Task<int> CountAsync(CartOwner owner, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            $"""
             SELECT coalesce(sum(line.quantity), 0)::integer
             FROM carts AS cart
             JOIN cart_lines AS line ON line.cart_id = cart.id
             WHERE cart.{owner.Column} = @key
             """,
            new { key = owner.Key },
            cancellationToken: cancellationToken));
    }

    /// <summary>Puts more of a product into the cart, up to <see cref="MaxQuantity"/>; makes the cart with the first.</summary>
    public async Task AddAsync(CartOwner owner, string sku, int quantity, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
             WITH cart AS (
                 INSERT INTO carts (id, {owner.Column}, checkout_key, changed_at)
                 VALUES (@id, @key, @checkoutKey, @now)
                 ON CONFLICT ({owner.Column}) DO UPDATE SET changed_at = excluded.changed_at
                 RETURNING id
             )
             INSERT INTO cart_lines (cart_id, sku, quantity, added_at)
             SELECT cart.id, @sku, @quantity, @now FROM cart
             ON CONFLICT (cart_id, sku) DO UPDATE SET quantity = least(@MaxQuantity, cart_lines.quantity + excluded.quantity)
             """,
            new { id = Guid.CreateVersion7(), key = owner.Key, checkoutKey = Guid.CreateVersion7(), now = clock.GetUtcNow(), sku, quantity, MaxQuantity },
            cancellationToken: cancellationToken));
        await ForgetOldAsync(connection, cancellationToken);
    }

    /// <summary>Sets how many of a product that is in the cart there are; 0 takes it out.</summary>
    public async Task SetAsync(CartOwner owner, string sku, int quantity, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            quantity == 0
                ? $"DELETE FROM cart_lines USING carts WHERE carts.id = cart_id AND carts.{owner.Column} = @key AND sku = @sku"
                : $"UPDATE cart_lines SET quantity = @quantity FROM carts WHERE carts.id = cart_id AND carts.{owner.Column} = @key AND sku = @sku",
            new { key = owner.Key, sku, quantity },
            cancellationToken: cancellationToken));
    }

    /// <summary>Moves what a browser's cart holds into the account's. Of two at once, one finds it gone.</summary>
    public async Task MergeAsync(byte[] browser, Guid account, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            WITH gone AS (
                DELETE FROM carts WHERE cookie_hash = @browser RETURNING id
            ), mine AS (
                INSERT INTO carts (id, account_id, checkout_key, changed_at)
                SELECT @id, @account, @checkoutKey, @now FROM gone
                ON CONFLICT (account_id) DO UPDATE SET changed_at = excluded.changed_at
                RETURNING id
            )
            INSERT INTO cart_lines (cart_id, sku, quantity, added_at)
            SELECT mine.id, line.sku, line.quantity, line.added_at
            FROM cart_lines AS line
            JOIN gone ON gone.id = line.cart_id
            CROSS JOIN mine
            ON CONFLICT (cart_id, sku) DO UPDATE SET quantity = least(@MaxQuantity, cart_lines.quantity + excluded.quantity)
            """,
            new { browser, account, id = Guid.CreateVersion7(), checkoutKey = Guid.CreateVersion7(), now = clock.GetUtcNow(), MaxQuantity },
            cancellationToken: cancellationToken));
    }

    /// <summary>The cart became an order: takes out what was ordered, and gives the next order a key of its own. Does nothing the second time.</summary>
    public Task PlacedAsync(Guid account, Guid key, Guid order, IReadOnlyList<string> skus, CancellationToken cancellationToken) => ExecuteAsync(
        """
        WITH cart AS (
            UPDATE carts
            SET placed_key = @key, placed_order = @order, checkout_key = @next, changed_at = @now
            WHERE account_id = @account AND checkout_key = @key
            RETURNING id
        )
        DELETE FROM cart_lines USING cart WHERE cart_id = cart.id AND sku = ANY (@skus)
        """,
        new { account, key, order, next = Guid.CreateVersion7(), now = clock.GetUtcNow(), skus = skus.ToArray() },
        cancellationToken);

    /// <summary>Gives the next order another key, because this one belongs to an order with other lines.</summary>
    public Task RenewKeyAsync(Guid account, Guid key, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE carts SET checkout_key = @next WHERE account_id = @account AND checkout_key = @key", new { account, key, next = Guid.CreateVersion7() }, cancellationToken);

    private async Task ExecuteAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }

    /// <summary>A few of those that nobody came back for: whoever fills a cart makes room for it.</summary>
    private Task<int> ForgetOldAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ExecuteAsync(new CommandDefinition(
        """
        DELETE FROM carts
        WHERE id IN (SELECT id FROM carts WHERE account_id IS NULL AND changed_at < @old ORDER BY changed_at LIMIT 10 FOR UPDATE SKIP LOCKED)
        """,
        new { old = clock.GetUtcNow() - Lifetime },
        cancellationToken: cancellationToken));
}
