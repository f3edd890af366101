using System.Net;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Confluent.Kafka;
using Npgsql;

namespace Shop.SystemTests.Faults;

/// <summary>The shop with Kafka: an application of its own, told where the mock cluster is.</summary>
public sealed class ArchivingShop : ShopApp
{
    public ArchivingShop()
        : this(new KafkaFixture())
    {
    }

    private ArchivingShop(KafkaFixture kafka)
        : base([$"--ConnectionStrings:kafka={kafka.Brokers}"]) => Kafka = kafka;

    public KafkaFixture Kafka { get; }

    /// <summary>Audits seconds after the events, not minutes.</summary>
    protected override void Change(IDistributedApplicationTestingBuilder builder)
    {
        foreach (var service in (string[])["orders", "payments"])
        {
            builder.CreateResourceBuilder<ProjectResource>(service)
                .WithEnvironment("Shop__Archive__AuditInterval", "00:00:01")
                .WithEnvironment("Shop__Archive__AuditWindow", "00:00:01")
                .WithEnvironment("Shop__Archive__AuditLag", "00:00:01");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Kafka.Dispose();
    }
}

public sealed class ArchiveTests(ArchivingShop shop) : IClassFixture<ArchivingShop>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Every_event_of_an_order_stands_in_Kafka_though_all_brokers_were_away_and_so_says_the_audit()
    {
        using var ada = shop.Shopper();
        var first = await PlacedAsync(ada);
        await ArchivedAsync("shop.orders", first, "OrderPlaced", "OrderPaid");
        await ArchivedAsync("shop.payments", first, "PaymentCaptured");
        await CatalogueArchivedAsync("MUG-RD");

        shop.Kafka.StopAll();
        var second = await PlacedAsync(ada);
        await Eventually.BecomesAsync(() => ada.StatusAsync(second), static status => status == "Paid", "a paid order while Kafka is away", Patience);
        shop.Kafka.StartAll();

        await ArchivedAsync("shop.orders", second, "OrderPlaced", "OrderPaid");
        await ArchivedAsync("shop.payments", second, "PaymentCaptured");
        await AuditedAsync("ordersdb", "orders", events: 4);
        await AuditedAsync("paymentsdb", "payments", events: 2);
    }

    /// <summary>A busy machine may answer 503 first, and the same key is the same order.</summary>
    private static async Task<Guid> PlacedAsync(Shopper shopper)
    {
        var key = Guid.CreateVersion7().ToString();
        var (_, body) = await Eventually.BecomesAsync(
            () => shopper.PlaceAsync(key: key), static answer => answer.Status is HttpStatusCode.Created or HttpStatusCode.OK, "an accepted order", Patience);
        return body.GetProperty("id").GetGuid();
    }

    private Task ArchivedAsync(string topic, Guid order, params string[] types) => Eventually.BecomesAsync(
        () => Task.Run(() => string.Join(", ", shop.Kafka.Read(topic).Where(message => message.Message.Key == order.ToString()).Select(Type).Distinct())),
        archived => archived == string.Join(", ", types), $"{string.Join(", ", types)} of {order} in {topic}", Patience);

    /// <summary>The order took the product from the stock, which the catalogue's stream tells.</summary>
    private Task CatalogueArchivedAsync(string sku) => Eventually.TrueAsync(
        () => Task.Run(() => shop.Kafka.Read("shop.catalogue").Any(message => Type(message) == "CatalogueChanged" && Encoding.UTF8.GetString(message.Message.Value).Contains(sku, StringComparison.Ordinal))),
        $"CatalogueChanged of {sku} in shop.catalogue", Patience);

    private async Task AuditedAsync(string name, string stream, int events)
    {
        await using var database = await shop.DatabaseAsync(name);
        await using var query = database.CreateCommand("SELECT coalesce(sum(events), 0)::int, coalesce(sum(missing), 0)::int FROM archive_audit WHERE stream = $1");
        query.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        await Eventually.BecomesAsync(
            async () =>
            {
                await using var reader = await query.ExecuteReaderAsync();
                await reader.ReadAsync();
                return (Events: reader.GetInt32(0), Missing: reader.GetInt32(1));
            },
            audited => audited == (events, 0), $"an audit of {stream} that finds {events} events and none missing", Patience);
    }

    private static string Type(ConsumeResult<string, byte[]> message) => Encoding.UTF8.GetString(message.Message.Headers.GetLastBytes("type"));
}
