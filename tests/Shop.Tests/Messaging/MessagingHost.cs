using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ServiceDefaults;
using Shop.Archiving;
using Shop.Messaging;
using Shop.Messaging.Relaying;
using Shop.Testing;
using StackExchange.Redis;

namespace Shop.Tests.Messaging;

/// <summary>A service's worth of messaging on a database of its own: the outbox, its relay and sweeper, and stream endpoints. Several hosts on one database are several processes.</summary>
internal sealed class MessagingHost : IAsyncDisposable
{
    private readonly IHost _host;

    private MessagingHost(IHost host, string connectionString, string prefix)
    {
        (_host, ConnectionString, Prefix) = (host, connectionString, prefix);
        Database = Services.GetRequiredService<NpgsqlDataSource>();
        Redis = Services.GetRequiredService<IConnectionMultiplexer>();
        Outbox = Services.GetRequiredService<Outbox>();
    }

    public string ConnectionString { get; }

    public string Prefix { get; }

    public IServiceProvider Services => _host.Services;

    public NpgsqlDataSource Database { get; }

    public IConnectionMultiplexer Redis { get; }

    public Outbox Outbox { get; }

    public CapturedLog Log => Services.GetRequiredService<CapturedLog>();

    /// <summary>A database with the tables of messaging and of the archive, migrated as a service's would be.</summary>
    public static async Task<string> CreateDatabaseAsync(Servers servers)
    {
        var connectionString = await servers.Postgres.CreateDatabaseAsync();
        await new SchemaMigration(connectionString, [typeof(Outbox).Assembly, typeof(KafkaArchiveOptions).Assembly], NullLogger<SchemaMigration>.Instance).StartingAsync(CancellationToken.None);
        return connectionString;
    }

    /// <summary>
    /// Starts a host whose fast path is open. Its sweeper leaves the fast path half a minute, so that on a busy machine no
    /// event is appended twice; a test of the sweeper asks for the second that services have.
    /// </summary>
    public static async Task<MessagingHost> StartAsync(
        Servers servers, Action<IServiceCollection>? configure = null, Action<OutboxOptions>? outbox = null,
        string? connectionString = null, string? prefix = null, IConnectionMultiplexer? redis = null, int sweepAfterSeconds = 30)
    {
        connectionString ??= await CreateDatabaseAsync(servers);
        prefix ??= RedisFixture.NewPrefix();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        var log = new CapturedLog();
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        builder.Services.AddSingleton(redis ?? servers.Redis.Connection);
        builder.Services.AddOutbox(options =>
        {
            options.KeyPrefix = prefix;
            options.SweepInterval = TimeSpan.FromMilliseconds(100);
            options.SweepAfter = TimeSpan.FromSeconds(sweepAfterSeconds);
            options.Events(TestEventsJson.Default);
            outbox?.Invoke(options);
        });
        configure?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        var gate = host.Services.GetRequiredService<StreamGate>();
        await Eventually.TrueAsync(() => Task.FromResult(gate.IsOpen), "an open fast path");
        return new(host, connectionString, prefix);
    }

    /// <summary>One committed transaction with the given events, all of one key.</summary>
    public Task PublishAsync(string key, params int[] numbers) => PublishAsync(Outbox, key, numbers);

    public static async Task PublishAsync(Outbox outbox, string key, params int[] numbers)
    {
        await using var transaction = await outbox.BeginAsync();
        foreach (var number in numbers)
            transaction.Enqueue("orders", key, new Counted(key, number));
        await transaction.CommitAsync();
    }

    public Task<StreamEntry[]> EntriesAsync(string stream = "orders") => Redis.GetDatabase().StreamRangeAsync($"{Prefix}{stream}:{{0}}");

    public Task<StreamEntry[]> EntriesAsync(int atLeast, string stream = "orders") =>
        Eventually.BecomesAsync(() => EntriesAsync(stream), entries => entries.Length >= atLeast, $"{atLeast} entries in {stream}");

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task AllPublishedAsync() =>
        Eventually.BecomesAsync(() => ScalarAsync<long>("SELECT count(*) FROM outbox WHERE published_at IS NULL"), count => count == 0, "an outbox without unpublished rows");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

public sealed record Counted(string Key, int Number);

public sealed record Unrelated(string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Counted))]
[JsonSerializable(typeof(Unrelated))]
public sealed partial class TestEventsJson : JsonSerializerContext;
