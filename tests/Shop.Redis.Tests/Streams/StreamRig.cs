using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Shop.Redis.Streams;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Streams;

/// <summary>A stream of its own for one test, the consumers that the test starts, what they handled and what they logged.</summary>
internal sealed class StreamRig(IConnectionMultiplexer connection) : ILogger<StreamConsumerGroup>, IAsyncDisposable
{
    public const string Stream = "orders";
    public const string Group = "payments";

    private readonly List<RunningConsumer> _consumers = [];
    private readonly List<IAsyncDisposable> _connections = [];

    public StreamRig(ITestRedis server)
        : this(server.Connection)
    {
    }

    public string Prefix { get; } = RedisFixture.NewPrefix();

    public IDatabase Database => connection.GetDatabase();

    public RedisKey Key => $"{Prefix}{Stream}:{{0}}";

    public StreamProducer Producer => new(connection, Prefix);

    public StreamDeadLetters DeadLetters => new(connection, Prefix);

    public StreamInspector Inspector => new(connection, Prefix);

    /// <summary>Every delivery whose handler returned, in that order.</summary>
    public ConcurrentQueue<StreamDelivery> Handled { get; } = new();

    public ConcurrentQueue<(EventId Event, LogLevel Level, string Text)> Logs { get; } = new();

    public IEnumerable<string> HandledTexts => Handled.Select(Text);

    public static StreamConsumerGroupOptions Options(string consumer, string group = Group) => new()
    {
        Stream = Stream,
        Group = group,
        Consumer = consumer,
        RetryBackoff = TimeSpan.FromMilliseconds(10),
        MaxRetryBackoff = TimeSpan.FromMilliseconds(50),
        ClaimAfter = TimeSpan.FromSeconds(1),
        JanitorInterval = TimeSpan.FromMilliseconds(100),
    };

    public static string Text(StreamDelivery delivery) => Encoding.UTF8.GetString(delivery.Message.Data.Span);

    public static StreamMessage Message(string text, string key = "k", string? traceParent = null) => new(
        Guid.CreateVersion7(), "OrderPlaced", key, TimeProvider.System.GetUtcNow(), Encoding.UTF8.GetBytes(text), traceParent);

    public static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(static n => n.ToString(CultureInfo.InvariantCulture));

    public Task<string[]> AppendAsync(params IEnumerable<string> texts) => Producer.AppendAsync(Stream, [.. texts.Select(static text => Message(text))]);

    /// <summary>Starts a consumer whose handler notes what it handled, after <paramref name="handler"/> has returned.</summary>
    public RunningConsumer Start(StreamHandler? handler = null, StreamConsumerGroupOptions? options = null, IConnectionMultiplexer? ownConnection = null)
    {
        var group = new StreamConsumerGroup(ownConnection ?? connection, Prefix, options ?? Options("one"), HandleAsync, logger: this);
        var consumer = new RunningConsumer(group);
        _consumers.Add(consumer);
        return consumer;

        async ValueTask HandleAsync(StreamDelivery delivery, CancellationToken cancellation)
        {
            if (handler is not null)
                await handler(delivery, cancellation);
            Handled.Enqueue(delivery);
        }
    }

    /// <summary>A connection like another process's; disposing it is that process's death, as Redis sees it.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var own = await ConnectionMultiplexer.ConnectAsync(ConfigurationOptions.Parse(connection.Configuration));
        _connections.Add(own);
        return own;
    }

    public Task HandledAsync(int count, TimeSpan? within = null) =>
        Eventually.BecomesAsync(() => Task.FromResult(Handled.Count), handled => handled >= count, $"{count} handled messages", within);

    public Task LoggedAsync(int eventId) =>
        Eventually.TrueAsync(() => Task.FromResult(Logs.Any(line => line.Event.Id == eventId)), $"a log line with event id {eventId}");

    /// <summary>Waits until the group has read and acknowledged everything.</summary>
    public Task SettledAsync(string group = Group) => Eventually.BecomesAsync(
        () => FactsAsync(group), static facts => facts is { Pending: 0, Lag: 0 }, $"the group {group} has nothing pending and no lag");

    public async Task<StreamGroupFacts?> FactsAsync(string group = Group) =>
        (await Inspector.InspectAsync(Stream)).Groups.FirstOrDefault(facts => facts.Group == group);

    public async ValueTask DisposeAsync()
    {
        foreach (var consumer in _consumers)
            await consumer.DisposeAsync();
        foreach (var own in _connections)
            await own.DisposeAsync();
        Assert.DoesNotContain(Logs, static line => line.Level is LogLevel.Critical);
    }

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logs.Enqueue((eventId, logLevel, formatter(state, exception)));

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;
}

/// <summary>A consumer that runs until it is stopped.</summary>
internal sealed class RunningConsumer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public RunningConsumer(StreamConsumerGroup group) => _running = Task.Run(() => group.RunAsync(_stopping.Token));

    /// <summary>Tells it to stop; the task completes when it has.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }
}
