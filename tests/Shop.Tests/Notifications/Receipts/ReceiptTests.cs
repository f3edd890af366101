using MimeKit;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Notifications.Receipts;

/// <summary>Receipts by mail, in real SMTP conversations.</summary>
public sealed class ReceiptTests(Servers servers)
{
    [Fact]
    public async Task A_paid_order_is_receipted_with_its_lines_and_its_total()
    {
        await using var server = new TinySmtpServer();
        await using var rig = await ReceiptRig.StartAsync(servers, server.Address);

        await rig.TellPaidAsync();
        var message = await ReceivedAsync(server);

        var order = rig.Receipt!.Order;
        Assert.Equal($"receipt-{order.Id:N}@shop.example", message.MessageId);
        Assert.Equal(("ada@customers.example", "receipts@shop.example"), (message.To.Mailboxes.Single().Address, message.From.Mailboxes.Single().Address));
        Assert.Equal("ada@customers.example", Assert.Single(server.Recipients));
        Assert.Contains(order.Id.ToString(), message.Subject, StringComparison.Ordinal);
        Assert.IsType<MultipartAlternative>(message.Body);
        foreach (var text in new[] { message.TextBody, message.HtmlBody })
        {
            Assert.Contains("Keystone 75 keyboard (KB-075)", text, StringComparison.Ordinal);
            Assert.Contains("258.00 EUR", text, StringComparison.Ordinal);
            Assert.Contains("296.79 EUR", text, StringComparison.Ordinal);
            Assert.Contains("2026-11-05 12:30 UTC", text, StringComparison.Ordinal);
        }

        Assert.Contains("3 x Tom & Jerry <mug>", message.TextBody, StringComparison.Ordinal);
        Assert.Contains("Tom &amp; Jerry &lt;mug&gt;", message.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_a_repeated_event_nor_a_repeated_job_sends_a_second_receipt()
    {
        await using var server = new TinySmtpServer();
        await using var rig = await ReceiptRig.StartAsync(servers, server.Address);
        var paid = Guid.CreateVersion7();

        await Task.WhenAll(rig.TellPaidAsync(paid), rig.TellPaidAsync(paid));
        await rig.TellPaidAsync(paid);
        Assert.Single(await rig.EnqueuedJobsAsync());
        await ReceivedAsync(server);
        await rig.BecomesAsync(await rig.EnqueueAsync(), JobState.Succeeded);

        Assert.Single(server.Accepted);
        Assert.Equal((rig.Receipt!.Order.Id, server.Messages[0].MessageId), Assert.Single(await rig.SentAsync()));
    }

    [Fact]
    public async Task A_job_that_comes_again_when_its_order_is_refunded_finds_the_receipt_sent()
    {
        await using var server = new TinySmtpServer();
        await using var rig = await ReceiptRig.StartAsync(servers, server.Address);
        await rig.BecomesAsync(await rig.EnqueueAsync(), JobState.Succeeded);

        rig.Receipt = ReceiptRig.Of(rig.Receipt!.Order.Id, status: OrderStatus.Refunded);
        await rig.BecomesAsync(await rig.EnqueueAsync(), JobState.Succeeded);

        Assert.Single(server.Accepted);
    }

    [Fact]
    public async Task A_mailbox_that_does_not_exist_cancels_the_job_with_the_servers_reason_and_can_be_retried_later()
    {
        await using var server = new TinySmtpServer { Answer = static command => command == "RCPT" ? "550 5.1.1 no such mailbox" : null };
        await using var rig = await ReceiptRig.StartAsync(servers, server.Address);

        var job = await rig.EnqueueAsync();
        var cancelled = await rig.BecomesAsync(job, JobState.Cancelled);

        Assert.Contains("550 5.1.1 no such mailbox", cancelled.CancelReason, StringComparison.Ordinal);
        Assert.Equal(1, cancelled.Attempt);
        Assert.Empty(await rig.SentAsync());

        server.Answer = static _ => null;
        Assert.Equal(JobChange.Done, await rig.Jobs.RetryAsync(Queues.Mail, job));
        await rig.BecomesAsync(job, JobState.Succeeded);
        Assert.Single(server.Accepted);
    }

    [Theory]
    [InlineData("EHLO", "421 4.3.2 going down")]
    [InlineData("RCPT", "450 4.2.0 greylisted")]
    [InlineData("MAIL", "550 5.7.1 sender not allowed")] // the shop's own fault, not the recipient's: to be mended, and then sent
    [InlineData(".", "421 4.3.0 full")]
    public async Task What_may_pass_is_tried_again_until_the_message_is_taken(string command, string answer)
    {
        await using var server = new TinySmtpServer { Answer = spoken => spoken == command || (command == "EHLO" && spoken == "HELO") ? answer : null };
        await using var rig = await ReceiptRig.StartAsync(servers, server.Address);

        var job = await rig.EnqueueAsync();
        var waiting = await rig.BecomesAsync(job, JobState.Scheduled);
        Assert.Contains(answer[4..], Assert.Single(waiting.FailedAttempts).Error, StringComparison.Ordinal);
        Assert.Empty(server.Accepted);
        Assert.Empty(await rig.SentAsync());

        server.Answer = static _ => null;
        await rig.Jobs.RetryAsync(Queues.Mail, job);
        await rig.BecomesAsync(job, JobState.Succeeded);
        Assert.Single(server.Accepted);
        Assert.Single(await rig.SentAsync());
    }

    [Fact]
    public async Task Of_several_workers_that_have_the_same_job_one_sends()
    {
        await using var rig = await ReceiptRig.StartAsync(servers);
        var mayEnd = new TaskCompletionSource();
        var (order, sent) = (Guid.CreateVersion7(), 0);

        var all = Enumerable.Range(0, 4).Select(_ => rig.Store.SendOnceAsync(order, "id", async () =>
        {
            Interlocked.Increment(ref sent);
            await mayEnd.Task;
            return null;
        })).ToArray();
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref sent) > 0), "the first to send");
        mayEnd.SetResult();

        Assert.All(await Task.WhenAll(all), Assert.Null);
        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task A_crash_between_the_servers_yes_and_the_commit_is_the_one_window_that_sends_twice()
    {
        await using var server = new TinySmtpServer();
        await using var rig = await ReceiptRig.StartAsync(servers, server.Address);
        var order = rig.Receipt!.Order.Id;

        await Assert.ThrowsAsync<InvalidOperationException>(() => rig.Store.SendOnceAsync(order, "id", () => throw new InvalidOperationException("the worker died here")));
        Assert.False(await rig.Store.WasSentAsync(order));
        await rig.BecomesAsync(await rig.EnqueueAsync(), JobState.Succeeded);

        Assert.True(await rig.Store.WasSentAsync(order));
    }

    [Fact]
    public async Task A_customer_without_an_address_gets_none()
    {
        await using var server = new TinySmtpServer();
        await using var rig = await ReceiptRig.StartAsync(servers, server.Address);
        rig.Receipt = ReceiptRig.Of(Guid.CreateVersion7(), email: null);

        await rig.BecomesAsync(await rig.EnqueueAsync(), JobState.Succeeded);

        Assert.Empty(server.Accepted);
        Assert.Empty(await rig.SentAsync());
    }

    [Theory]
    [InlineData(OrderStatus.Cancelled, "ada@customers.example", "is Cancelled by now")]
    [InlineData(OrderStatus.Refunded, "ada@customers.example", "is Refunded by now")]
    [InlineData(OrderStatus.Paid, "no address\r\nBcc: all@customers.example", "address")]
    [InlineData(null, null, "There is no order")]
    public async Task A_receipt_that_makes_no_sense_is_cancelled_with_the_reason(OrderStatus? status, string? email, string reason)
    {
        await using var server = new TinySmtpServer();
        await using var rig = await ReceiptRig.StartAsync(servers, server.Address);
        rig.Receipt = status is { } known ? ReceiptRig.Of(Guid.CreateVersion7(), email, known) : null;

        var cancelled = await rig.BecomesAsync(await rig.EnqueueAsync(), JobState.Cancelled);

        Assert.Contains(reason, cancelled.CancelReason, StringComparison.Ordinal);
        Assert.Empty(server.Accepted);
    }

    [Fact]
    public async Task Without_a_mail_server_receipts_are_files_in_a_folder()
    {
        var folder = Path.Combine(TemporaryFolder.Create("mail"), "not", "there", "yet");
        await using var rig = await ReceiptRig.StartAsync(servers, folder: folder);

        await rig.BecomesAsync(await rig.EnqueueAsync(), JobState.Succeeded);

        var file = Assert.Single(Directory.GetFiles(folder));
        Assert.Equal($"receipt-{rig.Receipt!.Order.Id:N}.eml", Path.GetFileName(file));
        var message = await MimeMessage.LoadAsync(file, TestContext.Current.CancellationToken);
        Assert.Contains("296.79 EUR", message.TextBody, StringComparison.Ordinal);
    }

    private static async Task<MimeMessage> ReceivedAsync(TinySmtpServer server) =>
        (await Eventually.BecomesAsync(() => Task.FromResult(server.Messages), static messages => messages.Length > 0, "a message", TimeSpan.FromSeconds(60)))[0];
}
