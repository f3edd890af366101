using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ServiceDefaults;
using Shop.Contracts;
using Shop.Messaging;
using Shop.Testing;
using StackExchange.Redis;

namespace Shop.Tests;

/// <summary>
/// A service without its host: a database of its own with the service's real migrations, a key prefix of its own, and what
/// the service registers. Several sandboxes on one database stand for several replicas.
/// </summary>
public sealed class ServiceSandbox : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Stack<IHostedService> _started = new();

    private ServiceSandbox(string connectionString, string prefix, ServiceProvider services) =>
        (ConnectionString, Prefix, _services) = (connectionString, prefix, services);

    public string ConnectionString { get; }

    public string Prefix { get; }

    public NpgsqlDataSource Database => Get<NpgsqlDataSource>();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>A new database with the migrations of Shop.Messaging and of <paramref name="service"/>.</summary>
    public static async Task<ServiceSandbox> CreateAsync(PostgresFixture postgres, IConnectionMultiplexer redis, Assembly service, Action<IServiceCollection, string> register)
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await new SchemaMigration(connectionString, [typeof(Outbox).Assembly, service], NullLogger<SchemaMigration>.Instance).StartingAsync(CancellationToken.None);
        return Build(connectionString, RedisFixture.NewPrefix(), redis, register);
    }

    /// <summary>Another replica on the same database and prefix.</summary>
    public ServiceSandbox Replica(Action<IServiceCollection, string> register) => Build(ConnectionString, Prefix, Get<IConnectionMultiplexer>(), register);

    /// <summary>Starts what the service runs in the background: the outbox's relay, intakes, job workers.</summary>
    public async Task StartAsync()
    {
        foreach (var hosted in _services.GetServices<IHostedService>())
        {
            _started.Push(hosted);
            await hosted.StartAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var hosted))
            await hosted.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    private static ServiceSandbox Build(string connectionString, string prefix, IConnectionMultiplexer redis, Action<IServiceCollection, string> register)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddNpgsqlDataSource(PostgresDefaults.ForService(connectionString).ConnectionString); // statements are prepared, as in the services
        services.AddSingleton(redis);
        services.AddSingleton(TimeProvider.System);
        services.AddOutbox(outbox =>
        {
            outbox.KeyPrefix = prefix;
            outbox.Events(EventsJson.Default);
        });
        register(services, prefix);
        return new ServiceSandbox(connectionString, prefix, services.BuildServiceProvider());
    }
}
