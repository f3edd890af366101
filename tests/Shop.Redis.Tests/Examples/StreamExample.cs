using Shop.Redis.Streams;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Examples;

public sealed class StreamExample(OwnRedis server) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task Append_an_event_and_handle_it_in_order_per_key()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var taken = new TaskCompletionSource<string>();
        var orderPlaced = new StreamMessage(Guid.CreateVersion7(), "OrderPlaced", Key: "order-42", TimeProvider.System.GetUtcNow(), """{"total":12.50}"""u8.ToArray());
        ValueTask TakePaymentAsync(StreamDelivery delivery, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            taken.TrySetResult($"{delivery.Message.Type} {delivery.Message.Key}, attempt {delivery.Attempt}");
            return default;
        }

        // begin: README
        var producer = new StreamProducer(redis, shop);
        await producer.AppendAsync("orders", orderPlaced, ct);

        var options = new StreamConsumerGroupOptions { Stream = "orders", Group = "payments" };
        var payments = new StreamConsumerGroup(redis, shop, options, TakePaymentAsync);  // throws: tried again, then a dead letter
        var running = payments.RunAsync(stopping.Token);                                 // until cancelled; then drains and hands back
        // end: README

        Assert.Equal("OrderPlaced order-42, attempt 1", await taken.Task.WaitAsync(TimeSpan.FromSeconds(30), ct));
        await stopping.CancelAsync();
        await running;
    }
}
