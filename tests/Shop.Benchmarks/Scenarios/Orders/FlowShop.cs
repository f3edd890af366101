using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;
using Shop.Benchmarks.Harness;
using Shop.EmbeddedHosting.Faults;
using Shop.EmbeddedHosting.Servers;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>The whole application of the AppHost on the scenario's servers, with 64 customers whose connections go to its web replicas in turn.</summary>
internal sealed class FlowShop : IAsyncDisposable
{
    private const int Customers = 64;
    private static readonly string[] Services = ["orders", "payments", "gaming", "notifications", "web"];

    private readonly Channel<Customer> _customers = Channel.CreateUnbounded<Customer>();
    private readonly IDistributedApplicationTestingBuilder _builder;
    private DistributedApplication? _app;
    private SettledOrders? _settled;

    private FlowShop(IDistributedApplicationTestingBuilder builder) => _builder = builder;

    public Dictionary<string, int[]> Processes => Services.ToDictionary(static name => name, name => _app!.Replicas(name).Select(static replica => replica.ProcessId).ToArray());

    public static async Task<FlowShop> StartAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        var postgres = new NpgsqlConnectionStringBuilder((await servers.PostgresAsync(cancellationToken)).ConnectionString());
        postgres.Remove("Database");
        var shop = new FlowShop(await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            [
                $"--data-folder={ThrowAwayFolder.Create("bench-shop")}", $"--ConnectionStrings:postgres={postgres.ConnectionString}",
                $"--ConnectionStrings:redis={(await servers.RedisAsync(cancellationToken)).ConnectionString}",
            ],
            cancellationToken));
        await shop.StartAsync(cancellationToken);
        return shop;
    }

    /// <summary>Places an order, and returns when its customer has been told that it is paid and its points are on the board.</summary>
    public async Task PlaceAndSettleAsync(CancellationToken cancellationToken)
    {
        var customer = await EnterAsync(cancellationToken);
        var order = await customer.PlaceAsync();
        Leave(customer);
        await _settled!.WaitAsync(order).WaitAsync(cancellationToken);
    }

    /// <summary>Completes when the background jobs of all orders are done too.</summary>
    public Task QuietAsync(CancellationToken cancellationToken) => _settled!.ReceiptsAsync(cancellationToken);

    /// <summary>Answers a customer who does nothing now.</summary>
    public ValueTask<Customer> EnterAsync(CancellationToken cancellationToken) => _customers.Reader.ReadAsync(cancellationToken);

    public void Leave(Customer customer) => _customers.Writer.TryWrite(customer);

    public async ValueTask DisposeAsync()
    {
        if (_settled is not null)
            await _settled.DisposeAsync();
        while (_customers.Reader.TryRead(out var customer))
            customer.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        await _builder.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var service in Services)
            _builder.CreateResourceBuilder<ProjectResource>(service).InProduction();
        _builder.CreateResourceBuilder<ProjectResource>("web").WithRoomyLimits();

        _app = await _builder.BuildAsync(cancellationToken);
        await _app.StartAsync(cancellationToken);
        foreach (var service in Services)
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(service, cancellationToken);
        await using (var orders = NpgsqlDataSource.Create((await _app.GetConnectionStringAsync("ordersdb", cancellationToken))!))
        await using (var fill = orders.CreateCommand("UPDATE stock SET available = 1000000000"))
            await fill.ExecuteNonQueryAsync(cancellationToken);
        _settled = new SettledOrders(
            (await _app.GetConnectionStringAsync("gamingdb", cancellationToken))!, (await _app.GetConnectionStringAsync("notificationsdb", cancellationToken))!);
        for (var customer = 0; customer < Customers; customer++)
            await SignUpAsync(_app.Replica("web", customer % 2).Address, customer, cancellationToken);
    }

    private async Task SignUpAsync(Uri replica, int number, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = replica };
        var account = new { email = $"customer-{number}@bench.example", password = "a-password-for-benchmarks", name = $"customer-{number}" };
        using var answer = await http.PostAsJsonAsync("/api/accounts", account, cancellationToken);
        var cookie = answer.EnsureSuccessStatusCode().Headers.GetValues("Set-Cookie").First().Split(';')[0];
        Leave(new Customer(await HttpConnection.OpenAsync(replica, cancellationToken), cookie));
    }
}
