using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Payments.Charging;
using Shop.Payments.Sandbox;
using Shop.Payments.Settlements;
using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Payments;

/// <summary>Settlement as background jobs, run as the service runs them.</summary>
public sealed class SettlementJobTests(Servers servers)
{
    private static readonly DateOnly Yesterday = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-1);

    [Fact]
    public async Task An_operators_request_makes_the_reports_of_a_day_and_leaves_progress_and_a_result()
    {
        await using var sandbox = await StartAsync();
        var id = Guid.CreateVersion7();

        var job = await sandbox.Get<SettlementsGrain>().RequestAsync(Yesterday, id);
        var done = await BecomesAsync(sandbox, job, JobState.Succeeded);

        Assert.Equal(id, job);
        Assert.Equal((100d, $"{Yesterday:yyyy-MM-dd}: 24 of 24 hours compared"), (done.Progress!.Percent, done.Progress.Message));
        Assert.Equal($$"""{"days":["{{Yesterday:yyyy-MM-dd}}"],"differences":0}""", done.Result);
        Assert.Single(await sandbox.Get<SettlementsGrain>().ReadAsync(Yesterday, Yesterday));
    }

    [Fact]
    public async Task Asking_twice_while_it_waits_is_asking_once()
    {
        await using var sandbox = await CreateAsync(new SettlementOptions());
        var grain = sandbox.Get<SettlementsGrain>();

        var first = await grain.RequestAsync(Yesterday, Guid.CreateVersion7());

        Assert.Equal(first, await grain.RequestAsync(Yesterday, first));
        Assert.Equal(first, await grain.RequestAsync(Yesterday, Guid.CreateVersion7()));
        Assert.NotEqual(first, await grain.RequestAsync(Yesterday.AddDays(-1), Guid.CreateVersion7()));
    }

    [Fact]
    public async Task The_night_settles_yesterday_and_the_days_that_were_missed_once_over_all_replicas()
    {
        // A schedule that ticks once, in a while: far enough away for both replicas to be there.
        var tick = TimeProvider.System.GetUtcNow().AddSeconds(8);
        var options = new SettlementOptions { Cron = $"{tick.Second} {tick.Minute} {tick.Hour} * * *" };
        await using var first = await CreateAsync(options);
        await using var second = first.Replica((services, prefix) => Register(services, prefix, options));
        var tickDay = DateOnly.FromDateTime(tick.UtcDateTime);
        await SellAsync(first, tickDay.AddDays(-3));
        await first.StartAsync();
        await second.StartAsync();

        var jobs = await Eventually.BecomesAsync(
            async () => (await first.Get<JobInspector>().ListAsync(Queues.Settlement, JobState.Succeeded)).Jobs, static jobs => jobs.Count > 0, "the nightly run", TimeSpan.FromSeconds(90));

        Assert.Equal(
            $$"""{"days":["{{tickDay.AddDays(-3):yyyy-MM-dd}}","{{tickDay.AddDays(-2):yyyy-MM-dd}}","{{tickDay.AddDays(-1):yyyy-MM-dd}}"],"differences":0}""",
            Assert.Single(jobs).Result);
        var facts = await first.Get<JobInspector>().InspectAsync(Queues.Settlement);
        Assert.Equal((0, 0, 1), (facts.Queued, facts.Running, facts.Succeeded));
        Assert.Equal(7, (await first.Get<SettlementStore>().ReadAsync(tickDay.AddDays(-3), tickDay.AddDays(-3)))[0].Captured);
    }

    [Theory]
    [InlineData("2026-11-05T02:15:00Z", "2026-11-04")]
    [InlineData("2026-03-01T00:00:00Z", "2026-02-28")]
    public void The_nights_day_is_the_day_before_its_tick(string tick, string day) =>
        Assert.Equal(new SettleDay(DateOnly.ParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), AndMissing: true), SettlementJobs.Nightly(DateTimeOffset.Parse(tick, System.Globalization.CultureInfo.InvariantCulture)));

    private static async Task<JobDetails> BecomesAsync(ServiceSandbox sandbox, Guid job, JobState state) => (await Eventually.BecomesAsync(
        () => sandbox.Get<JobInspector>().GetAsync(Queues.Settlement, job), found => found?.State == state, $"the job to be {state}", TimeSpan.FromSeconds(60)))!;

    private static async Task SellAsync(ServiceSandbox sandbox, DateOnly day)
    {
        var (order, then) = (Guid.CreateVersion7(), new FakeTimeProvider(new DateTimeOffset(day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero)));
        await using var provider = new SandboxProvider(sandbox.Database, then);
        var charge = await provider.ChargeAsync(ProviderKey.OfCapture(order), Money.Of(7), PaymentCard.Paying, CancellationToken.None);
        var store = sandbox.Get<PaymentStore>();
        await store.ClaimAsync(new PaymentClaim(order, Money.Of(7), 1), CancellationToken.None);
        await store.SettleAsync(new Settlement(order, 1, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Captured, Money.Of(7), charge.Booking), CancellationToken.None);
    }

    private async Task<ServiceSandbox> StartAsync()
    {
        var sandbox = await CreateAsync(new SettlementOptions());
        await sandbox.StartAsync();
        return sandbox;
    }

    private Task<ServiceSandbox> CreateAsync(SettlementOptions options) => ServiceSandbox.CreateAsync(
        servers.Postgres, servers.Redis.Connection, typeof(PaymentStore).Assembly, (services, prefix) => Register(services, prefix, options));

    private static void Register(IServiceCollection services, string prefix, SettlementOptions options) => services
        .AddSingleton<PaymentStore>().AddSingleton<IPaymentProvider, SandboxProvider>().AddSingleton<SettlementsGrain>().AddSettlements(prefix, options);
}
