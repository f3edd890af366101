using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit;
using Shop.Benchmarks.Harness;
using Shop.Messaging;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class StreamsMassTransit : Scenario
{
    private const int Batch = 256;

    public override string Name => "streams-mass-transit";

    public override string Measures => "Read, deserialise and acknowledge events of 200 bytes that wait, of 1,000 keys: by a MassTransit consumer on a stream endpoint, as the services do, and by a handler of the same consumer group.";

    public override int Order => 32;

    public override IReadOnlyList<Side> CreateSides() => [new Endpoint(), new Handler()];

    private static int CountFor(Measurement measurement) => (int)(20_000 * measurement.Duration.TotalSeconds);

    private static StreamConsumerGroupOptions Options(string stream, string group) => new() { Stream = stream, Group = group, BatchSize = Batch };

    /// <summary>The event of <see cref="BenchEvents"/>, whose type is this name.</summary>
    public sealed record OrderPlaced([property: JsonPropertyName("note")] string Note);

    private sealed class Endpoint() : RedisSide("MassTransit consumer", ours: true)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var progress = new Progress(CountFor(measurement));
            await BenchEvents.FillAsync(Database, $"{Prefix}orders:{{0}}", progress.Count);
            var builder = Host.CreateEmptyApplicationBuilder(settings: null);
            builder.Services
                .AddLogging()
                .AddSingleton<IConnectionMultiplexer>(Redis)
                .AddSingleton(progress)
                .AddStreamEndpoint("payments", "orders", endpoint =>
                {
                    endpoint.KeyPrefix = Prefix;
                    endpoint.Events(BenchEventJson.Default).Group(Options).Consumer<Consumer>();
                });
            using var host = builder.Build();
            using var listeners = new Listeners();

            measurement.Begin();
            await host.StartAsync(measurement.Cancelled);
            await progress.Done.WaitAsync(measurement.Cancelled);
            await host.StopAsync(measurement.Cancelled);
            measurement.Count(progress.Count);
            measurement.End();
            await StreamsConsume.CheckAsync(Database, $"{Prefix}orders:{{0}}", progress.Count, progress.Count);
        }
    }

    private sealed class Handler() : RedisSide("handler of the group", ours: false)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var progress = new Progress(CountFor(measurement));
            await BenchEvents.FillAsync(Database, $"{Prefix}orders:{{0}}", progress.Count);
            var group = new StreamConsumerGroup(Redis, Prefix, Options("orders", "payments"), (delivery, _) =>
            {
                progress.Take(JsonSerializer.Deserialize(delivery.Message.Data.Span, BenchEventJson.Default.OrderPlaced)!);
                return default;
            });
            using var listeners = new Listeners();
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(measurement.Cancelled);

            measurement.Begin();
            var running = group.RunAsync(stopping.Token);
            await progress.Done.WaitAsync(measurement.Cancelled);
            await stopping.CancelAsync();
            await running;
            measurement.Count(progress.Count);
            measurement.End();
            await StreamsConsume.CheckAsync(Database, $"{Prefix}orders:{{0}}", progress.Count, progress.Count);
        }
    }

    private sealed class Consumer(Progress progress) : IConsumer<OrderPlaced>
    {
        public Task Consume(ConsumeContext<OrderPlaced> context)
        {
            progress.Take(context.Message);
            return Task.CompletedTask;
        }
    }

    private sealed class Progress(int count)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _handled;

        public int Count => count;

        public Task Done => _done.Task;

        public void Take(OrderPlaced placed)
        {
            if (placed.Note.Length != 189)
                throw new InvalidOperationException("An event is not what was appended.");
            if (Interlocked.Increment(ref _handled) == count)
                _done.SetResult();
        }
    }
}

[JsonSerializable(typeof(StreamsMassTransit.OrderPlaced))]
internal sealed partial class BenchEventJson : JsonSerializerContext;
