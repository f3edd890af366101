using System.Net;
using System.Text.Json;

namespace Shop.SystemTests.Journeys;

/// <summary>Background jobs, as a customer meets them in the mail and an operator over HTTP.</summary>
[Collection(nameof(SharedShop))]
public sealed class JobJourneys(ShopApp shop)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_paid_orders_receipt_comes_by_mail_with_its_lines_and_its_total()
    {
        using var ada = shop.Shopper();
        var order = await ada.PlacedAsync("MUG-RD", quantity: 2);

        var mail = await shop.ReceiptAsync(order);

        Assert.Contains($"To: {ada.Email}", mail, StringComparison.Ordinal);
        Assert.Contains($"Message-Id: <receipt-{order:N}@shop.example>", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("2 x Redis mug (MUG-RD)", mail, StringComparison.Ordinal);
        Assert.Contains("Total   25.80 EUR", mail, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await shop.ReceiptBookAsync()).ContainsKey(order), "the receipt in the books", Patience);
    }

    [Fact]
    public async Task A_declined_order_gets_no_receipt()
    {
        using var ada = shop.Shopper();
        var declined = await ada.PlacedAsync(card: Shopper.IsDeclined);
        await Eventually.BecomesAsync(() => ada.StatusAsync(declined), static now => now == "Declined", "the order to be declined", Patience);

        await shop.ReceiptAsync(await ada.PlacedAsync()); // a later order's has come

        Assert.False(File.Exists(shop.ReceiptFile(declined)));
    }

    [Fact]
    public async Task An_operator_sees_a_failing_job_with_its_error_cancels_it_and_runs_it_again()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        using var outage = new MailOutage(shop.MailFolder);
        var order = await ada.PlacedAsync();

        var failing = await FindAsync(olga, "scheduled", order);
        var job = $"/api/operations/jobs/mail/{failing.GetProperty("id").GetGuid()}";
        var (_, details) = await olga.GetAsync(job, Cancelled);
        Assert.Equal(("send-receipt", "Scheduled", order), (details.GetProperty("type").GetString(), details.GetProperty("state").GetString(), details.GetProperty("arguments").GetProperty("orderId").GetGuid()));
        Assert.Contains("IOException", details.GetProperty("attempts")[0].GetProperty("error").GetString(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await olga.CallAsync(HttpMethod.Post, $"{job}/cancel", new { reason = "the disk is being mended" }, cancellationToken: Cancelled)).Status);
        var cancelled = await FindAsync(olga, "cancelled", order);
        Assert.Equal($"{olga.Customer}: the disk is being mended", cancelled.GetProperty("cancelReason").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await olga.CallAsync(HttpMethod.Post, $"{job}/cancel", cancellationToken: Cancelled)).Status);

        outage.End();
        Assert.Equal(HttpStatusCode.NoContent, (await olga.CallAsync(HttpMethod.Post, $"{job}/retry", cancellationToken: Cancelled)).Status);
        await shop.ReceiptAsync(order);
        await Eventually.BecomesAsync(
            async () => (await olga.GetAsync(job)).Body, static body => body.ValueKind == JsonValueKind.Object && body.GetProperty("state").GetString() == "Succeeded", "the job to have succeeded", Patience);
        var (status, problem) = await olga.CallAsync(HttpMethod.Post, $"{job}/retry", cancellationToken: Cancelled);
        Assert.Equal((HttpStatusCode.Conflict, "Succeeded"), (status, problem.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task An_operator_has_a_day_settled_and_reads_the_report()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        var order = await ada.PlacedAsync();
        await Eventually.BecomesAsync(() => ada.StatusAsync(order), static now => now == "Paid", "the order to be paid", Patience);
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

        var (status, accepted) = await olga.CallAsync(HttpMethod.Post, $"/api/operations/settlements/{today:yyyy-MM-dd}", cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.Accepted, status);
        var job = accepted.GetProperty("job").GetString()!;
        var done = await Eventually.BecomesAsync(
            async () => (await olga.GetAsync(job)).Body, static body => body.GetProperty("state").GetString() == "Succeeded", "the day to be settled", Patience);
        Assert.Equal(100, done.GetProperty("progress").GetProperty("percent").GetDouble());

        var report = Assert.Single((await olga.GetAsync($"/api/operations/settlements?from={today:yyyy-MM-dd}&to={today:yyyy-MM-dd}", Cancelled)).Body.GetProperty("items").EnumerateArray());
        Assert.Equal("EUR", report.GetProperty("currency").GetString());
        Assert.True(report.GetProperty("captures").GetInt32() > 0, report.ToString());
        Assert.Equal(report.GetProperty("captured").GetDecimal() - report.GetProperty("refunded").GetDecimal(), report.GetProperty("net").GetDecimal());
        Assert.Equal(0, report.GetProperty("differenceCount").GetInt32());
    }

    [Fact]
    public async Task Every_queue_has_a_worker_and_the_sweep_of_overdue_orders_runs_on_its_schedule()
    {
        using var olga = await shop.OperatorAsync();

        var queues = await Eventually.BecomesAsync(
            async () => (await olga.GetAsync("/api/operations/jobs")).Body.GetProperty("items").EnumerateArray().ToDictionary(static queue => queue.GetProperty("queue").GetString()!, static queue => queue.GetProperty("workers").GetInt32()),
            static queues => queues.Values.All(static workers => workers > 0),
            "a worker for every queue",
            Patience);

        Assert.Equal(["bursts", "mail", "overdue", "seasons", "settlement"], queues.Keys.Order());
        Assert.Equal(2, queues["overdue"]);
        await Eventually.TrueAsync(
            async () => (await olga.GetAsync("/api/operations/jobs/overdue?state=succeeded")).Body.GetProperty("items").EnumerateArray().Any(static job => job.GetProperty("tick").ValueKind == JsonValueKind.String),
            "a sweep that a tick began", Patience);
    }

    [Theory]
    [InlineData("/api/operations/jobs")]
    [InlineData("/api/operations/jobs/mail")]
    [InlineData("/api/operations/settlements")]
    public async Task Jobs_are_for_operators(string path)
    {
        using var ada = shop.Shopper();
        using var nobody = shop.AnonymousClient();

        using var anonymous = await nobody.GetAsync(new Uri(path, UriKind.Relative), Cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.GetAsync(path, Cancelled)).Status);
    }

    private static Task<JsonElement> FindAsync(Shopper olga, string state, Guid order) => Eventually.BecomesAsync(
        async () => (await olga.GetAsync($"/api/operations/jobs/mail?state={state}")).Body.GetProperty("items").EnumerateArray()
            .FirstOrDefault(job => job.GetProperty("arguments").GetProperty("orderId").GetGuid() == order),
        static job => job.ValueKind == JsonValueKind.Object,
        $"the job that sends the receipt of {order}, {state}",
        Patience);

    /// <summary>While it lasts, no mail can be written: a file is where the folder was.</summary>
    private sealed class MailOutage : IDisposable
    {
        private readonly string _folder;

        public MailOutage(string folder)
        {
            _folder = folder;
            Directory.CreateDirectory(folder);
            Directory.Move(folder, Away);
            File.WriteAllText(folder, "");
        }

        private string Away => $"{_folder}.away";

        public void End()
        {
            if (!Directory.Exists(Away))
                return;
            File.Delete(_folder);
            Directory.Move(Away, _folder);
        }

        public void Dispose() => End();
    }
}
