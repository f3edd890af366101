using Microsoft.EntityFrameworkCore;

namespace Shop.ConventionalOrders;

/// <summary>The tables that Shop.Orders has too: products with their stock, orders with their lines, and an outbox.</summary>
public sealed class OrdersDb(DbContextOptions<OrdersDb> options) : DbContext(options)
{
    public DbSet<Product> Products => Set<Product>();

    public DbSet<Order> Orders => Set<Order>();

    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Product>(static product =>
        {
            product.ToTable("products", static table => table.HasCheckConstraint("products_available", "available >= 0"));
            product.HasKey(static row => row.Sku);
            product.Property(static row => row.Sku).HasColumnName("sku");
            product.Property(static row => row.Name).HasColumnName("name");
            product.Property(static row => row.Price).HasColumnName("price").HasPrecision(12, 2);
            product.Property(static row => row.Available).HasColumnName("available");
        });
        modelBuilder.Entity<Order>(static order =>
        {
            order.ToTable("orders");
            order.Property(static row => row.Id).ValueGeneratedNever();
            order.Property(static row => row.Total).HasPrecision(12, 2);
            order.HasIndex(static row => new { row.Customer, row.IdempotencyKey }).IsUnique();
            order.HasIndex(static row => new { row.Customer, row.PlacedAt });
            order.HasMany(static row => row.Lines).WithOne().HasForeignKey(static line => line.OrderId);
        });
        modelBuilder.Entity<OrderLine>(static line =>
        {
            line.ToTable("order_lines");
            line.HasKey(static row => new { row.OrderId, row.Number });
            line.Property(static row => row.Number).ValueGeneratedNever();
            line.Property(static row => row.UnitPrice).HasPrecision(12, 2);
        });
        modelBuilder.Entity<OutboxMessage>(static message =>
        {
            message.ToTable("outbox");
            message.Property(static row => row.Id).ValueGeneratedNever();
        });
    }
}

public sealed class Product
{
    public required string Sku { get; init; }

    public required string Name { get; init; }

    public required decimal Price { get; init; }

    public required int Available { get; set; }
}

public sealed class Order
{
    public required Guid Id { get; init; }

    public required string Customer { get; init; }

    public required string IdempotencyKey { get; init; }

    public required decimal Total { get; init; }

    public required DateTimeOffset PlacedAt { get; init; }

    public required List<OrderLine> Lines { get; init; }
}

public sealed class OrderLine
{
    public Guid OrderId { get; init; }

    public required int Number { get; init; }

    public required string Sku { get; init; }

    public required string Name { get; init; }

    public required int Quantity { get; init; }

    public required decimal UnitPrice { get; init; }
}

public sealed class OutboxMessage
{
    public required Guid Id { get; init; }

    public required string Type { get; init; }

    public required string Data { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }
}
