using System.Globalization;
using Shop.Benchmarks.Harness;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class StreamsProduce : Scenario
{
    private const int Callers = 64;
    private const int Together = 100;

    public override string Name => "streams-produce";

    public override string Measures => "Append events of 200 bytes; 64 callers, one event or a hundred a call. Ours also wakes sleeping consumers (PUBLISH).";

    public override int Order => 30;

    public override IReadOnlyList<Side> CreateSides() =>
    [
        new Appending("Shop.Redis, one a call", ours: true, static (redis, prefix) =>
        {
            var producer = new StreamProducer(redis, prefix);
            var message = BenchEvents.Message(0);
            return _ => producer.AppendAsync("orders", message);
        }),
        new Appending("Shop.Redis, 100 a call", ours: true, static (redis, prefix) =>
        {
            var producer = new StreamProducer(redis, prefix);
            StreamMessage[] messages = [.. Enumerable.Range(0, Together).Select(BenchEvents.Message)];
            return _ => producer.AppendAsync("orders", messages);
        }, Together),
        new Appending("StackExchange.Redis", ours: false, static (redis, prefix) =>
        {
            var fields = BenchEvents.Fields(0);
            return _ => redis.GetDatabase().StreamAddAsync($"{prefix}orders", fields);
        }),
        new RedisBenchmark("redis-benchmark -P 64", pipeline: Callers, ["XADD", "raw:orders", "*", .. BenchEvents.Fields(0).SelectMany(static field => (string[])[field.Name!, field.Value!])]),
    ];

    /// <summary>Calls, and empties the server after each round: a stream that grows for ever would slow the later ones.</summary>
    private sealed class Appending(string name, bool ours, Func<ConnectionMultiplexer, string, Func<int, Task>> call, int operationsPerCall = 1) : RedisSide(name, ours)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            await measurement.ClosedLoopAsync(Callers, call(Redis, Prefix), operationsPerCall);
            await Database.ExecuteAsync("FLUSHALL");
        }
    }
}

/// <summary>Events of 200 bytes, of a thousand keys.</summary>
internal static class BenchEvents
{
    private const int Keys = 1_000;
    private static readonly byte[] Data = [.. "{\"note\":\""u8, .. Enumerable.Repeat((byte)'x', 189), .. "\"}"u8];
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static StreamMessage Message(int number) =>
        new(Guid.CreateVersion7(), "OrderPlaced", string.Create(CultureInfo.InvariantCulture, $"order-{number % Keys}"), Time, Data);

    /// <summary>The same, as it stands in the stream.</summary>
    public static NameValueEntry[] Fields(int number)
    {
        var message = Message(number);
        return
        [
            new("id", message.Id.ToString()), new("type", message.Type), new("key", message.Key), new("time", Time.ToString("O", CultureInfo.InvariantCulture)), new("data", message.Data),
        ];
    }

    /// <summary>Fills a stream with so many.</summary>
    public static async Task FillAsync(IDatabase database, RedisKey stream, int count)
    {
        const int Batch = 2_000;
        for (var at = 0; at < count; at += Batch)
            await Task.WhenAll(Enumerable.Range(at, Math.Min(Batch, count - at)).Select(number => database.StreamAddAsync(stream, Fields(number))));
    }
}
