using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts.Orders;
using Shop.Orders.Catalogue;
using Shop.Orders.Checkout;
using Shop.Orders.Fulfilment;
using Shop.Redis.Caching;
using Shop.Testing;
using StackExchange.Redis;

namespace Shop.Tests.Orders;

/// <summary>Shop.Orders' stores on a database of their own.</summary>
internal static class OrdersSandbox
{
    public static Task<ServiceSandbox> CreateAsync(PostgresFixture postgres, IConnectionMultiplexer redis) =>
        ServiceSandbox.CreateAsync(postgres, redis, typeof(OrderGrain).Assembly, Register);

    public static void Register(IServiceCollection services, string prefix) =>
        services
            .AddSingleton(provider => new CacheInvalidator(provider.GetRequiredService<IConnectionMultiplexer>(), prefix))
            .AddSingleton<CatalogueChanges>().AddSingleton<CatalogueStore>()
            .AddSingleton<OrderReader>().AddSingleton<OrderPlacement>().AddSingleton<OrderMoves>();

    public static Placement Placement(string customer = "ada", string? key = null, string sku = "KB-075", int quantity = 1, Guid? id = null, string? email = null) =>
        Shop.Orders.Checkout.Placement.Of(
            id ?? Guid.CreateVersion7(),
            new PlaceOrder(customer, key ?? Guid.CreateVersion7().ToString(), "tok_4242", [new OrderedItem(sku, quantity)], email));

    public static Placement TwoLines(string customer, string email) =>
        Shop.Orders.Checkout.Placement.Of(
            Guid.CreateVersion7(),
            new PlaceOrder(customer, Guid.CreateVersion7().ToString(), "tok_4242", [new OrderedItem("MS-ERG", 2), new OrderedItem("KB-075", 1)], email));

    public static async Task<int> StockAsync(this ServiceSandbox sandbox, string sku)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync();
        return await connection.QuerySingleAsync<int>("SELECT available FROM stock WHERE sku = @sku", new { sku });
    }

    public static async Task<long> CountAsync(this ServiceSandbox sandbox, string table)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync();
        return await connection.QuerySingleAsync<long>($"SELECT count(*) FROM {table}");
    }

    /// <summary>The types of the events that the order wrote, in order.</summary>
    public static async Task<string[]> EventsAsync(this ServiceSandbox sandbox, Guid orderId)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>("SELECT type FROM outbox WHERE key = @key ORDER BY position", new { key = orderId.ToString() })];
    }
}
