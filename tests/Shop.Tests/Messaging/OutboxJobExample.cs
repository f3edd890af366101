using System.Text.Json.Serialization;
using Dapper;
using Shop.Messaging.Jobs;
using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed partial class OutboxJobExample(Servers servers)
{
    public sealed record SendReceipt(Guid OrderId);

    public static readonly JobType<SendReceipt> Receipt = new("send-receipt", queue: "mail", ReceiptJson.Default.SendReceipt);

    [Fact]
    public async Task Enqueue_a_job_in_the_transaction_that_makes_it_necessary()
    {
        var sent = new TaskCompletionSource<Guid>();
        var prefix = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        var id = Guid.CreateVersion7();
        await using var host = await MessagingHost.StartAsync(
            servers,
            services => services
                .AddJobs(prefix, new JobWorkerOptions { Queue = "mail" }, worker => worker.Handle(Receipt, (receipt, _, _) =>
                {
                    sent.TrySetResult(receipt.OrderId);
                    return ValueTask.FromResult(JobOutcome.Done());
                }))
                .AddJobIntake("mail"),
            prefix: prefix);
        var outbox = host.Outbox;
        await using (var create = host.Database.CreateCommand("CREATE TABLE orders (id uuid PRIMARY KEY, status text NOT NULL)"))
            await create.ExecuteNonQueryAsync(ct);

        // begin: README
        await using var tx = await outbox.BeginAsync(ct);
        await tx.Connection.ExecuteAsync("INSERT INTO orders (id, status) VALUES (@id, 'Paid')", new { id }, tx.Transaction);
        tx.EnqueueJob(Receipt, new SendReceipt(id));
        await tx.CommitAsync(ct);
        // end: README

        Assert.Equal(id, await sent.Task.WaitAsync(TimeSpan.FromSeconds(60), ct));
    }

    [JsonSerializable(typeof(SendReceipt))]
    private sealed partial class ReceiptJson : JsonSerializerContext;
}
