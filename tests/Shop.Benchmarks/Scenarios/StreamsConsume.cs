using Shop.Benchmarks.Harness;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class StreamsConsume : Scenario
{
    private const int Batch = 256;
    private const string Loop = "StackExchange.Redis loop";

    public override string Name => "streams-consume";

    public override string Measures => "Read and acknowledge events of 200 bytes that wait, of 1,000 keys. Ours keeps the order of each key, counts deliveries, holds a lease, and is measured with its telemetry on.";

    public override int Order => 31;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(0.7, "Shop.Redis", Loop)];

    public override IReadOnlyList<Side> CreateSides() => [new Group(), new PlainLoop()];

    private static int CountFor(Measurement measurement) => (int)(50_000 * measurement.Duration.TotalSeconds);

    /// <summary>Fails unless all is acknowledged; then empties the server.</summary>
    public static async Task CheckAsync(IDatabase database, RedisKey stream, int count, int handled)
    {
        var pending = await database.StreamPendingAsync(stream, "payments");
        if (pending.PendingMessageCount != 0 || handled != count)
            throw new InvalidOperationException($"Of {count} events {handled} were handled and {pending.PendingMessageCount} not acknowledged.");
        await database.ExecuteAsync("FLUSHALL");
    }

    private sealed class Group() : RedisSide("Shop.Redis", ours: true)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var count = CountFor(measurement);
            await BenchEvents.FillAsync(Database, $"{Prefix}orders:{{0}}", count);
            var handled = 0;
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(measurement.Cancelled);
            var options = new StreamConsumerGroupOptions { Stream = "orders", Group = "payments", BatchSize = Batch };
            var group = new StreamConsumerGroup(Redis, Prefix, options, (_, _) =>
            {
                if (Interlocked.Increment(ref handled) == count)
                    stopping.Cancel();
                return default;
            });

            using var listeners = new Listeners();
            measurement.Begin();

            // Told to stop by the last message, it ends when that is acknowledged.
            await group.RunAsync(stopping.Token);
            measurement.Count(handled);
            measurement.End();
            await CheckAsync(Database, $"{Prefix}orders:{{0}}", count, handled);
        }
    }

    /// <summary>What one writes in an afternoon: read a batch, handle it in turn, acknowledge it. A failure would lose order or entries, or both.</summary>
    private sealed class PlainLoop() : RedisSide(Loop, ours: false)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var count = CountFor(measurement);
            RedisKey stream = $"{Prefix}orders";
            await BenchEvents.FillAsync(Database, stream, count);
            await Database.StreamCreateConsumerGroupAsync(stream, "payments", "0-0");
            var handled = 0;
            measurement.Begin();
            while (handled < count && !measurement.Cancelled.IsCancellationRequested)
            {
                var entries = await Database.StreamReadGroupAsync(stream, "payments", "one", StreamPosition.NewMessages, Batch);
                foreach (var entry in entries)
                {
                    if (entry["data"].Length() != 200)
                        throw new InvalidOperationException($"{entry.Id} is not what was appended.");
                    handled++;
                }

                await Database.StreamAcknowledgeAsync(stream, "payments", Array.ConvertAll(entries, static entry => entry.Id));
            }

            measurement.Count(handled);
            measurement.End();
            await CheckAsync(Database, stream, count, handled);
        }
    }
}
