using System.Text.Json.Serialization;
using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Examples;

public sealed partial class JobExample(OwnRedis server) : IClassFixture<OwnRedis>
{
    // begin: README
    public sealed record SendReceipt(Guid OrderId);

    public static readonly JobType<SendReceipt> Receipt = new("send-receipt", queue: "mail", ReceiptJson.Default.SendReceipt);
    // end: README

    [Fact]
    public async Task Enqueue_a_job_and_run_it()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var sent = new TaskCompletionSource<Guid>();
        var orderId = Guid.CreateVersion7();
        Task<bool> SendAsync(Guid order, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            return Task.FromResult(sent.TrySetResult(order));
        }

        // begin: README
        var jobs = new JobQueues(redis, shop);
        await jobs.EnqueueAsync(Receipt, new SendReceipt(orderId), new JobOptions { UniqueKey = $"receipt:{orderId}" }, ct);

        var handlers = new JobHandlers().Handle(Receipt, async (receipt, job, cancellation) =>
            await SendAsync(receipt.OrderId, cancellation)                        // throws: tried again after a back-off, then dead
                ? JobOutcome.Done()
                : JobOutcome.Cancel("The customer has no address."));
        var worker = new JobWorker(redis, shop, new JobWorkerOptions { Queue = "mail" }, handlers);
        var running = worker.RunAsync(stopping.Token);                            // until cancelled; then finishes or gives back
        // end: README

        Assert.Equal(orderId, await sent.Task.WaitAsync(TimeSpan.FromSeconds(30), ct));
        await stopping.CancelAsync();
        await running;
    }

    [JsonSerializable(typeof(SendReceipt))]
    private sealed partial class ReceiptJson : JsonSerializerContext;
}
