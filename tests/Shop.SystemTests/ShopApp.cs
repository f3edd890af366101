using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;

namespace Shop.SystemTests;

/// <summary>The whole application, started once for the tests that share it: throw-away data, free ports, two replicas of orders and of web.</summary>
public partial class ShopApp : IAsyncLifetime
{
    private static readonly string[] Services = ["orders", "payments", "gaming", "notifications", "web"];

    private readonly string[] _arguments;
    private readonly string _data = TemporaryFolder.Create("shop-data");
    private readonly ShopperCookies _cookies = new();
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;

    public ShopApp()
        : this([])
    {
    }

    protected ShopApp(string[] arguments) => _arguments = arguments;

    /// <summary>Where mail is written.</summary>
    public string MailFolder => Path.Combine(_data, "mail");

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The application has not started.");

    public async ValueTask InitializeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--data-folder={_data}", .. _arguments], patience.Token);
        ConfigureLimits(_builder.CreateResourceBuilder<ProjectResource>("web"));
        OfferGames(_builder.CreateResourceBuilder<ProjectResource>("gaming"));
        _builder.CreateResourceBuilder<ProjectResource>("orders").WithEnvironment("Shop__Orders__PaymentDeadline__Cron", "*/5 * * * * *");
        Change(_builder);
        _app = await _builder.BuildAsync(patience.Token);
        await _app.StartAsync(patience.Token);
        await HealthyAsync(patience.Token);
    }

    /// <summary>Tests ask and order faster than people, so nothing limits them, unless limits are what they test.</summary>
    protected virtual void ConfigureLimits(IResourceBuilder<ProjectResource> web) => web
        .WithEnvironment("Shop__Web__Limits__Requests__Permits", "100000")
        .WithEnvironment("Shop__Web__Limits__SignInPerAccount__Permits", "100000")
        .WithEnvironment("Shop__Web__Limits__SignInPerAddress__Permits", "100000")
        .WithEnvironment("Shop__Web__Limits__PlaceOrder__Capacity", "100000");

    /// <summary>
    /// Games that a test plays at once, to any score, each for itself: <c>dash</c>, <c>cup</c> and <c>relay</c>; <c>gone</c>, whose
    /// runs are over before they are scored; and the parcels in three seconds.
    /// </summary>
    private static void OfferGames(IResourceBuilder<ProjectResource> gaming)
    {
        foreach (var game in new[] { "dash", "cup", "relay" })
            gaming.WithEnvironment($"Shop__Gaming__Games__{game}__MinTime", "00:00:00").WithEnvironment($"Shop__Gaming__Games__{game}__MaxPointsPerSecond", $"{long.MaxValue}");
        gaming.WithEnvironment("Shop__Gaming__Games__gone__Duration", "00:00:00.0000001").WithEnvironment("Shop__Gaming__Games__gone__Expiry", "00:00:00.0000001");
        gaming.WithEnvironment("Shop__Gaming__Games__parcels__Duration", "00:00:03");
    }

    /// <summary>Changes the model before it is built.</summary>
    protected virtual void Change(IDistributedApplicationTestingBuilder builder)
    {
        // The application as it is.
    }

    /// <summary>Waits until every service can work.</summary>
    public async Task HealthyAsync(CancellationToken cancellationToken)
    {
        foreach (var service in Services)
            await App.ResourceNotifications.WaitForResourceHealthyAsync(service, cancellationToken);
    }

    /// <summary>A customer's browser, curl or script; at <paramref name="replica"/> instead of the public address.</summary>
    public Shopper Shopper(string? customer = null, Uri? replica = null) => new(AnonymousClient(replica), customer ?? $"c-{Guid.CreateVersion7():N}", _cookies);

    /// <summary>The same customer with a session of their own.</summary>
    public Shopper Elsewhere(Shopper shopper) => new(AnonymousClient(), shopper.Customer, new ShopperCookies());

    /// <summary>Somebody who runs the shop.</summary>
    public async Task<Shopper> OperatorAsync()
    {
        var shopper = Shopper($"op-{Guid.CreateVersion7():N}");
        await shopper.SignUpAsync();
        await using var database = await DatabaseAsync("webdb");
        await using var command = database.CreateCommand("UPDATE accounts SET operator = true WHERE email = $1");
        command.Parameters.AddWithValue(shopper.Email);
        await command.ExecuteNonQueryAsync();
        _cookies.Forget(shopper); // an account learns of it at its next sign-in
        return shopper;
    }

    /// <summary>Somebody who did not sign in; cookies are the caller's business.</summary>
    public HttpClient AnonymousClient(Uri? replica = null) => new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = replica ?? App.GetEndpoint("web") };

    /// <summary>A connection to a service's database, to look at its books.</summary>
    public async Task<NpgsqlDataSource> DatabaseAsync(string name) =>
        NpgsqlDataSource.Create((await App.GetConnectionStringAsync(name))!);

    public virtual async ValueTask DisposeAsync()
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
