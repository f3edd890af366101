using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Web.Grains;

namespace Shop.Web.Operations;

/// <summary>The settlement reports of Payments: read them, and have a day's made again.</summary>
internal static partial class SettlementsApi
{
    private const int MaxDays = 366;
    private const int DefaultDays = 31;

    public static void MapSettlements(this RouteGroupBuilder operations)
    {
        var settlements = operations.MapGroup("/settlements").ProducesValidationProblem();
        settlements.MapGet("/", ListAsync).WithSummary("Captured, refunded and net by day and currency, and where the provider's ledger differs");
        settlements.MapPost("/{day}", RequestAsync).WithSummary("Has the reports of a day made again, as a background job; 202 says where to watch it");
    }

    private static async Task<Results<Ok<SettlementList>, ValidationProblem>> ListAsync(
        GrainCalls grains, TimeProvider clock, CancellationToken cancellationToken,
        [Description("The first day, for example 2026-11-01; by default a month before the last")] string? from = null,
        [Description("The last day; by default today (UTC)")] string? to = null)
    {
        var last = Today(clock);
        if (to is not null && !TryParse(to, out last))
            return NoDay("to", to);
        var first = last.AddDays(-Math.Min(DefaultDays, last.DayNumber));
        if (from is not null && !TryParse(from, out first))
            return NoDay("from", from);
        if (first > last || last.DayNumber - first.DayNumber >= MaxDays)
            return Problems.Field("from", $"The days are {Text(first)} to {Text(last)}; ask for 1 to {MaxDays} days, the first one first.");
        var reports = await grains.CallAsync(factory => factory.GetGrain<ISettlementsGrain>(0).ReadAsync(first, last), cancellationToken);
        return TypedResults.Ok(new SettlementList(first, last, [.. reports.Select(SettlementView.Of)]));
    }

    private static async Task<Results<Accepted<SettlementJobView>, ValidationProblem>> RequestAsync(
        string day, GrainCalls grains, TimeProvider clock, ClaimsPrincipal user, ILogger<SettlementJobView> logger, CancellationToken cancellationToken)
    {
        if (!TryParse(day, out var wanted))
            return NoDay("day", day);
        if (wanted > Today(clock))
            return Problems.Field("day", $"The day {day} has not begun (UTC).");
        var id = Guid.CreateVersion7(); // a repeated call asks once
        var job = await grains.CallAsync(factory => factory.GetGrain<ISettlementsGrain>(0).RequestAsync(wanted, id), cancellationToken);
        LogRequested(logger, user.Identity?.Name, wanted, job);
        var address = $"/api/operations/jobs/{Queues.Settlement}/{job}";
        return TypedResults.Accepted(address, new SettlementJobView(wanted, address));
    }

    private static DateOnly Today(TimeProvider clock) => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    private static bool TryParse(string text, out DateOnly day) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static ValidationProblem NoDay(string field, string value) => Problems.Field(field, $"'{value}' is no day; it looks like 2026-11-30.");

    [LoggerMessage(1, LogLevel.Warning, "{Operator} has the settlement of {Day} made again, as job {Job}")]
    private static partial void LogRequested(ILogger logger, string? @operator, DateOnly day, Guid job);
}

/// <summary>The reports of the days <paramref name="From"/> to <paramref name="To"/>, oldest first. A day without a report was not settled yet.</summary>
public sealed record SettlementList(DateOnly From, DateOnly To, IReadOnlyList<SettlementView> Items);

/// <summary>One day in one currency; what the provider says stands beside what the shop's books say.</summary>
public sealed record SettlementView(
    DateOnly Day, string Currency, decimal Captured, int Captures, decimal Refunded, int Refunds, decimal Net,
    decimal ProviderCaptured, decimal ProviderRefunded, int DifferenceCount, IReadOnlyList<SettlementDifferenceView> Differences, DateTimeOffset MadeAt)
{
    public static SettlementView Of(SettlementReport report) => new(
        report.Day, report.Currency, report.Captured, report.Captures, report.Refunded, report.Refunds, report.Net,
        report.ProviderCaptured, report.ProviderRefunded, report.DifferenceCount, [.. report.Differences.Select(SettlementDifferenceView.Of)], report.MadeAt);
}

/// <summary>A movement that differs; amounts are null where one side knows nothing of it.</summary>
public sealed record SettlementDifferenceView(string Key, SettlementDifferenceKind Kind, Money? Booked, Money? ProviderBooked, string? ProviderReference)
{
    public static SettlementDifferenceView Of(SettlementDifference difference) =>
        new(difference.Key, difference.Kind, difference.Booked, difference.ProviderBooked, difference.ProviderReference);
}

/// <summary>The job that makes the reports of a day, by its address.</summary>
public sealed record SettlementJobView(DateOnly Day, string Job);
