using Npgsql;
using Shop.Benchmarks.Harness;
using Shop.EmbeddedHosting.Faults;
using Shop.EmbeddedHosting.Servers;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>An application that takes orders over HTTP, as processes of its own on the scenario's servers; 64 customers, each on a connection of their own.</summary>
internal abstract class IntakeSide : Side
{
    private const int Customers = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly List<HttpConnection> _connections = [];
    private readonly List<string> _cookies = [];
    private DistributedApplication? _app;

    public override IReadOnlyDictionary<string, int[]> Processes => Services.ToDictionary(static name => name, name => App.Replicas(name).Select(static replica => replica.ProcessId).ToArray());

    /// <summary>The projects that run; customers talk to the first.</summary>
    protected abstract string[] Services { get; }

    protected DistributedApplication App => _app ?? throw new InvalidOperationException("The side has not started.");

    public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var postgres = new NpgsqlConnectionStringBuilder((await servers.PostgresAsync(cancellationToken)).ConnectionString());
        postgres.Remove("Database");
        var builder = DistributedApplication.CreateBuilder([
            "--ephemeral", "--no-dashboard", $"--{Services[0]}-port={FreePort.Next()}",
            $"--ConnectionStrings:redis={(await servers.RedisAsync(cancellationToken)).ConnectionString}", $"--ConnectionStrings:postgres={postgres.ConnectionString}"]);
        Describe(builder);
        _app = builder.Build();
        await _app.StartAsync(patience.Token);
        foreach (var service in Services)
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(service, patience.Token);
        await FillShelvesAsync(postgres.ConnectionString, patience.Token);

        var address = _app.Replica(Services[0]).Address;
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
        for (var customer = 0; customer < Customers; customer++)
        {
            _cookies.Add(await SignInAsync(http, $"customer-{customer}@bench.example", patience.Token));
            _connections.Add(await HttpConnection.OpenAsync(address, patience.Token));
        }
    }

    public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(Customers, async customer =>
    {
        var connection = _connections[customer];
        var status = await connection.SendAsync(OrderRequests.Http(_cookies[customer]));
        if (status != 201)
            throw new InvalidOperationException($"{Name} answered {status} in place of 201:\n{connection.LastAnswer}");
    });

    public override async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    protected abstract void Describe(IDistributedApplicationBuilder builder);

    /// <summary>Enough of every product for any number of rounds.</summary>
    protected abstract Task FillShelvesAsync(string postgres, CancellationToken cancellationToken);

    /// <summary>Answers the cookie.</summary>
    protected abstract Task<string> SignInAsync(HttpClient http, string email, CancellationToken cancellationToken);

    protected static async Task<string> CookieOfAsync(HttpClient http, string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync(path, body, cancellationToken);
        return answer.EnsureSuccessStatusCode().Headers.GetValues("Set-Cookie").First().Split(';')[0];
    }

    protected static async Task ExecuteAsync(string postgres, string database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Database = database, Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
