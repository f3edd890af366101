using System.Diagnostics;
using System.Globalization;
using Shop.Benchmarks.Harness;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class LiveFanOut : Scenario
{
    private const int Subscribers = 1_000;
    private const string Bare = "bare Pub/Sub";

    public override string Name => "live-fan-out";

    public override string Measures => "Deliver items of one log to 1,000 readers in one process; an operation is one delivery, its latency from before the append. Ours keeps the log, and leaves no gap.";

    public override int Order => 50;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(0.7, "Shop.Redis", Bare)];

    public override IReadOnlyList<Side> CreateSides() => [new OurReaders(), new BareSubscribers()];

    private sealed class OurReaders() : RedisSide("Shop.Redis", ours: true)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var log = new LiveLog<BenchItem>(Redis, Prefix, new LiveLogOptions<BenchItem> { Json = BenchItemJson.Default.BenchItem });
            var fanOut = new FanOut(measurement, Subscribers);
            await fanOut.RunAsync(item => log.AppendAsync("room", item), async (joined, ended) =>
            {
                await foreach (var item in log.ReadAsync("room", LiveCursor.Start, ended))
                    joined(item.Value.SentAt);
            });
            await Database.ExecuteAsync("FLUSHALL");
        }
    }

    private sealed class BareSubscribers() : RedisSide(Bare, ours: false)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var channel = RedisChannel.Literal($"{Prefix}room");
            var fanOut = new FanOut(measurement, Subscribers);
            await fanOut.RunAsync(
                item => Database.PublishAsync(channel, string.Create(CultureInfo.InvariantCulture, $"{item.SentAt}\n{item.Text}")),
                async (delivered, ended) =>
                {
                    var queue = await Redis.GetSubscriber().SubscribeAsync(channel);
                    await using var leave = ended.Register(() => queue.Unsubscribe());
                    await foreach (var message in queue)
                    {
                        var text = message.Message.ToString();
                        delivered(long.Parse(text.AsSpan(0, text.IndexOf('\n', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
                    }
                });
        }
    }
}

/// <summary>
/// Appends items to readers who count them: first until every reader is there and has had one, then for the measurement, with a few
/// items under way at a time, so that it is the deliveries that limit.
/// </summary>
internal sealed class FanOut(Measurement measurement, int readers)
{
    private const int UnderWay = 8;
    private readonly SemaphoreSlim _delivered = new(0);
    private readonly string _text = new('x', 100);
    private long _deliveries;

    /// <param name="append">Appends an item.</param>
    /// <param name="read">One reader: calls its argument for each item with its <see cref="BenchItem.SentAt"/>, until told to end.</param>
    public async Task RunAsync(Func<BenchItem, Task> append, Func<Action<long>, CancellationToken, Task> read)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(measurement.Cancelled);
        var here = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Enumerable.Range(0, readers).Select(_ => Task.Run(() => ReadAsync(ending.Token))).ToArray();

        // Sent with no time: greetings, until everybody has had one.
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200)))
        {
            while (!all.Task.IsCompleted)
            {
                await append(new BenchItem(0, _text));
                await timer.WaitForNextTickAsync(measurement.Cancelled);
            }
        }

        measurement.Begin();
        for (var sent = 0; !measurement.IsOver; sent++)
        {
            if (sent >= UnderWay)
                await _delivered.WaitAsync(measurement.Cancelled);
            await append(new BenchItem(Stopwatch.GetTimestamp(), _text));
        }

        for (var left = 0; left < UnderWay; left++)
            await _delivered.WaitAsync(measurement.Cancelled);
        measurement.End();
        await ending.CancelAsync();
        await Task.WhenAll(reading);

        async Task ReadAsync(CancellationToken ended)
        {
            var joined = false;
            try
            {
                await read(sentAt => Take(sentAt, ref joined), ended);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // told to end
            }
        }

        void Take(long sentAt, ref bool joined)
        {
            if (sentAt != 0)
                Deliver(sentAt);
            else if (!joined && (joined = true) && Interlocked.Increment(ref here) == readers)
                all.TrySetResult();
        }
    }

    private void Deliver(long sentAt)
    {
        measurement.Done(sentAt);
        if (Interlocked.Increment(ref _deliveries) % readers == 0)
            _delivered.Release();
    }
}
