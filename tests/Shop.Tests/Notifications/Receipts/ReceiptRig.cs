using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Notifications.Feeds;
using Shop.Notifications.Receipts;
using Shop.Redis.Jobs;
using Shop.Testing;
using StackExchange.Redis;
using Order = Shop.Contracts.Orders.Order;

namespace Shop.Tests.Notifications.Receipts;

/// <summary>Shop.Notifications' receipts as the service runs them, with a double of the orders' grains.</summary>
internal sealed class ReceiptRig : IAsyncDisposable
{
    public static readonly DateTimeOffset PaidAt = new(2026, 11, 5, 12, 30, 0, TimeSpan.Zero);

    private readonly ServiceSandbox _sandbox;

    private ReceiptRig(ServiceSandbox sandbox) => _sandbox = sandbox;

    /// <summary>What the grain of every order answers.</summary>
    public OrderReceipt? Receipt { get; set; } = Of(Guid.CreateVersion7());

    public FeedStore Feeds => _sandbox.Get<FeedStore>();

    public ReceiptStore Store => _sandbox.Get<ReceiptStore>();

    public JobQueues Jobs => _sandbox.Get<JobQueues>();

    public static async Task<ReceiptRig> StartAsync(Servers servers, string? smtp = null, string? folder = null, IConnectionMultiplexer? redis = null)
    {
        ReceiptRig? rig = null;
        var sandbox = await ServiceSandbox.CreateAsync(servers.Postgres, redis ?? servers.Redis.Connection, typeof(ReceiptStore).Assembly, (services, prefix) => services
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["ConnectionStrings:smtp"] = smtp,
                ["Shop:Notifications:Mail:Folder"] = folder,
            }).Build())
            .AddSingleton<IHostEnvironment>(new ElsewhereEnvironment())
            .AddSingleton(GrainDoubles.Of((_, _) => new OrderDouble(() => rig!.Receipt)))
            .AddSingleton<FeedStore>()
            .AddReceipts(prefix));
        rig = new ReceiptRig(sandbox);
        await sandbox.StartAsync();
        return rig;
    }

    /// <summary>A paid order of two lines.</summary>
    public static OrderReceipt Of(Guid id, string? email = "ada@customers.example", OrderStatus status = OrderStatus.Paid) => new(
        new Order(id, "ada", status, Money.Of(296.79m), [new OrderLine("KB-075", "Keystone 75 keyboard", 2, 129.00m), new OrderLine("MUG-X", "Tom & Jerry <mug>", 3, 12.93m)], PaidAt.AddMinutes(-1), null, 2),
        email);

    /// <summary>Tells the customer that the order of <see cref="Receipt"/> was paid, as the consumer does.</summary>
    public Task TellPaidAsync(Guid? eventId = null) => Feeds.TellAsync(
        new Telling(eventId ?? Guid.CreateVersion7(), "ada", "order-paid", "Paid.", Receipt!.Order.Id, PaidAt, new SendReceipt(Receipt.Order.Id, PaidAt)));

    /// <summary>Enqueues the job itself, and keeps it after success.</summary>
    public async Task<Guid> EnqueueAsync() =>
        (await Jobs.EnqueueAsync(ReceiptJobs.Send, new SendReceipt(Receipt?.Order.Id ?? Guid.CreateVersion7(), PaidAt), new JobOptions { KeepSucceeded = TimeSpan.FromMinutes(10) })).Id;

    public async Task<JobDetails> BecomesAsync(Guid job, JobState state) => (await Eventually.BecomesAsync(
        () => _sandbox.Get<JobInspector>().GetAsync(Queues.Mail, job), found => found?.State == state, $"the job to be {state}", TimeSpan.FromSeconds(60)))!;

    public async Task<Guid[]> EnqueuedJobsAsync()
    {
        await using var connection = await _sandbox.Database.OpenConnectionAsync();
        return [.. await connection.QueryAsync<Guid>("SELECT id FROM outbox WHERE stream = 'jobs:mail'")];
    }

    public async Task<(Guid OrderId, string MessageId)[]> SentAsync()
    {
        await using var connection = await _sandbox.Database.OpenConnectionAsync();
        return [.. await connection.QueryAsync<(Guid, string)>("SELECT order_id, message_id FROM receipts")];
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    private sealed class OrderDouble(Func<OrderReceipt?> receipt) : IOrderGrain
    {
        public Task<OrderReceipt?> ReceiptAsync() => Task.FromResult(receipt());

        public Task<PlaceOrderResult> PlaceAsync(PlaceOrder command) => throw new NotSupportedException();

        public Task<Order?> GetAsync(string customer) => throw new NotSupportedException();

        public Task<IReadOnlyList<OrderStatusChange>> HistoryAsync(int after) => throw new NotSupportedException();

        public Task<CancelOrderResult> CancelAsync(string customer) => throw new NotSupportedException();
    }

    private sealed class ElsewhereEnvironment : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";

        public string ApplicationName { get; set; } = "Shop.Notifications";

        public string ContentRootPath { get; set; } = TemporaryFolder.Create("receipts");

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
