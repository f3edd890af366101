using System.Net;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>Settlement reports over HTTP; what they say is Payments' business.</summary>
public sealed class SettlementsApiTests(Servers servers)
{
    private readonly SettlementsDouble _grain = new();

    [Fact]
    public async Task Reports_are_read_for_the_days_asked_for()
    {
        await using var host = await OperationsHost.StartAsync(servers, _grain);

        var (status, body) = await host.GetAsync("/settlements?from=2026-11-01&to=2026-11-05");

        Assert.Equal((HttpStatusCode.OK, (new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 5))), (status, _grain.Read));
        var report = Assert.Single(body.GetProperty("items").EnumerateArray());
        Assert.Equal(("2026-11-05", 100m, 30m, 70m), (report.GetProperty("day").GetString(), report.GetProperty("captured").GetDecimal(), report.GetProperty("refunded").GetDecimal(), report.GetProperty("net").GetDecimal()));
        var difference = Assert.Single(report.GetProperty("differences").EnumerateArray());
        Assert.Equal(("MissingHere", 9m), (difference.GetProperty("kind").GetString(), difference.GetProperty("providerBooked").GetProperty("amount").GetDecimal()));
    }

    [Fact]
    public async Task Without_days_the_last_month_is_read()
    {
        await using var host = await OperationsHost.StartAsync(servers, _grain);

        await host.GetAsync("/settlements");

        Assert.Equal(31, _grain.Read.To.DayNumber - _grain.Read.From.DayNumber);
    }

    [Fact]
    public async Task A_day_that_is_asked_for_again_is_accepted_with_the_address_of_its_job()
    {
        await using var host = await OperationsHost.StartAsync(servers, _grain);

        var (status, body) = await host.PostAsync("/settlements/2026-11-05");

        Assert.Equal((HttpStatusCode.Accepted, new DateOnly(2026, 11, 5)), (status, _grain.Requested.Day));
        Assert.Equal($"/api/operations/jobs/{Queues.Settlement}/{_grain.Requested.Job}", body.GetProperty("job").GetString());
    }

    [Theory]
    [InlineData("GET", "/settlements?from=yesterday", "from")]
    [InlineData("GET", "/settlements?to=2026-13-01", "to")]
    [InlineData("GET", "/settlements?from=2026-11-06&to=2026-11-05", "from")]
    [InlineData("GET", "/settlements?from=2020-01-01&to=2026-11-05", "from")]
    [InlineData("POST", "/settlements/5", "day")]
    [InlineData("POST", "/settlements/9999-01-01", "day")]
    public async Task A_bad_day_is_named(string method, string path, string field)
    {
        await using var host = await OperationsHost.StartAsync(servers, _grain);

        var (status, problem) = method == "GET" ? await host.GetAsync(path) : await host.PostAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    private sealed class SettlementsDouble : ISettlementsGrain
    {
        public (DateOnly From, DateOnly To) Read { get; private set; }

        public (DateOnly Day, Guid Job) Requested { get; private set; }

        public Task<IReadOnlyList<SettlementReport>> ReadAsync(DateOnly from, DateOnly to)
        {
            Read = (from, to);
            return Task.FromResult<IReadOnlyList<SettlementReport>>(
            [
                new SettlementReport(
                    to, "EUR", 100, 4, 30, 1, 109, 30, 1, [new SettlementDifference("k", SettlementDifferenceKind.MissingHere, null, Money.Of(9), "ref")], DateTimeOffset.UnixEpoch),
            ]);
        }

        public Task<Guid> RequestAsync(DateOnly day, Guid jobId)
        {
            Requested = (day, jobId);
            return Task.FromResult(jobId);
        }
    }
}
