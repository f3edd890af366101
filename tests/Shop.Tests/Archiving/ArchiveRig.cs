using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Shop.Archiving;
using Shop.Archiving.Auditing;
using Shop.Messaging;
using Shop.Redis.Streams;
using Shop.Testing;
using Shop.Tests.Messaging;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Archiving;

/// <summary>A Kafka and a database of their own for one test, and services that archive the stream <c>orders</c> in them.</summary>
internal sealed class ArchiveRig(Servers servers) : IAsyncDisposable
{
    public const string Stream = "orders";
    public const string Topic = "shop.orders";
    public const string Group = "kafka-archive";

    private readonly List<(MessagingHost Host, CapturedLog Log)> _hosts = [];
    private string? _database;

    public KafkaFixture Kafka { get; } = new();

    /// <summary>A connection string for tests that refuse appends: the mock cluster does not check sequence numbers, so that the producer would take a refused request for done when a later one that was under way is not refused.</summary>
    public string OneRequestAtATime => $"{Kafka.Brokers};max.in.flight=1";

    public string Prefix { get; } = RedisFixture.NewPrefix();

    public StreamGroups Groups => new(servers.Redis.Connection, Prefix);

    public RedisKey Key => $"{Prefix}{Stream}:{{0}}";

    /// <summary>Starts a service. Its auditor looks often, at windows of a second that need no rest; without <paramref name="audits"/> it never does, and a window is a day.</summary>
    public async Task<MessagingHost> StartAsync(
        Action<KafkaArchiveOptions>? configure = null, string? kafka = null, bool on = true, bool audits = false, IConnectionMultiplexer? redis = null,
        Action<OutboxOptions>? outbox = null, Action<IServiceCollection>? services = null)
    {
        _database ??= await MessagingHost.CreateDatabaseAsync(servers);
        var host = await MessagingHost.StartAsync(
            servers,
            registrations =>
            {
                registrations.AddKafkaArchive(on ? kafka ?? Kafka.Brokers : null, archive =>
                {
                    archive.Streams.Add(Stream);
                    archive.AuditInterval = audits ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromHours(1);
                    archive.AuditWindow = audits ? TimeSpan.FromSeconds(1) : TimeSpan.FromDays(1);
                    archive.AuditLag = TimeSpan.Zero;
                    configure?.Invoke(archive);
                });
                services?.Invoke(registrations);
            },
            outbox, _database, Prefix, redis);
        _hosts.Add((host, host.Log));
        return host;
    }

    /// <summary>A service without an archive: writes events only.</summary>
    public Task<MessagingHost> StartOffAsync() => StartAsync(on: false);

    /// <summary>What Kafka has, once it has enough.</summary>
    public Task<List<ConsumeResult<string, byte[]>>> ArchivedAsync(int atLeast, TimeSpan? within = null) => Eventually.BecomesAsync(
        () => Task.Run(() => Kafka.Read(Topic)), messages => messages.Count >= atLeast, $"{atLeast} messages in {Topic}", within ?? TimeSpan.FromSeconds(60));

    /// <summary>Waits until everything that <paramref name="writer"/> committed is in the stream, and the archiver has acknowledged it.</summary>
    public async Task SettledAsync(MessagingHost writer)
    {
        await writer.AllPublishedAsync();
        await Eventually.TrueAsync(async () => await FactsAsync() is { Lag: 0, Pending: 0 }, "an archiver that has nothing to do", TimeSpan.FromSeconds(60));
    }

    /// <summary>The archiver's group.</summary>
    public async Task<StreamGroupFacts?> FactsAsync() =>
        (await new StreamInspector(servers.Redis.Connection, Prefix).InspectAsync(Stream)).Groups.SingleOrDefault(static group => group.Group == Group);

    /// <summary>Audits everything that the outbox has, now.</summary>
    public static async Task<IReadOnlyList<AuditedWindow>> AuditAsync(MessagingHost host) =>
        await host.Services.GetRequiredService<ArchiveAudit>().RunAsync(Stream, DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow().AddHours(1));

    public static string? Header<TValue>(ConsumeResult<string, TValue> message, string name) =>
        message.Message.Headers.TryGetLastBytes(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;

    public static int Number(ConsumeResult<string, byte[]> message) => JsonDocument.Parse(message.Message.Value).RootElement.GetProperty("number").GetInt32();

    public static IEnumerable<int> Numbers(IEnumerable<ConsumeResult<string, byte[]>> messages, string key) => messages.Where(message => message.Message.Key == key).Select(Number);

    /// <summary>What the services said is part of the test's output, which is shown when it fails.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < _hosts.Count; i++)
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', _hosts[i].Log.Lines.Select(line => $"{i} {line.Level} {line.Category}: {line.Message}")));
        foreach (var (host, _) in _hosts)
            await host.DisposeAsync();
        Kafka.Dispose();
    }
}
