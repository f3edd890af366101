using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Npgsql;

namespace Shop.SystemTests;

/// <summary>The whole application, started once for the tests that share it: throw-away data, free ports, two replicas of orders and of web.</summary>
public partial class ShopApp : IAsyncLifetime
{
    private static readonly string[] Services = ["orders", "payments", "gaming", "notifications", "web"];

    private readonly string[] _arguments;
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;

    public ShopApp()
        : this([])
    {
    }

    protected ShopApp(string[] arguments) => _arguments = arguments;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The application has not started.");

    public async ValueTask InitializeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(_arguments, patience.Token);
        _app = await _builder.BuildAsync(patience.Token);
        await _app.StartAsync(patience.Token);
        await HealthyAsync(patience.Token);
    }

    /// <summary>Waits until every service can work.</summary>
    public async Task HealthyAsync(CancellationToken cancellationToken)
    {
        foreach (var service in Services)
            await App.ResourceNotifications.WaitForResourceHealthyAsync(service, cancellationToken);
    }

    /// <summary>A customer's browser, curl or script.</summary>
    public Shopper Shopper(string? customer = null) => new(App.CreateHttpClient("web"), customer ?? $"c-{Guid.CreateVersion7():N}");

    /// <summary>A connection to a service's database, to look at its books.</summary>
    public async Task<NpgsqlDataSource> DatabaseAsync(string name) =>
        NpgsqlDataSource.Create((await App.GetConnectionStringAsync(name))!);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        if (_builder is not null)
            await _builder.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Tests that leave the application as they found it share one.</summary>
[CollectionDefinition(nameof(SharedShop))]
public sealed class SharedShop : ICollectionFixture<ShopApp>;
