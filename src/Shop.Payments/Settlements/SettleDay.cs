using System.Text.Json.Serialization;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Redis.Jobs;

namespace Shop.Payments.Settlements;

/// <summary>Make the settlement reports of a day.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="AndMissing">And those of the days before it that have none, up to a month back: what the nightly run asks for.</param>
public sealed record SettleDay(DateOnly Day, bool AndMissing = false);

/// <summary>What a run left.</summary>
/// <param name="Days">The days that have reports now.</param>
/// <param name="Differences">On how many movements the books and the provider do not agree.</param>
public sealed record SettledDays(IReadOnlyList<DateOnly> Days, int Differences);

/// <summary>When settlement reports are made. Section <c>Shop:Payments:Settlement</c>.</summary>
public sealed class SettlementOptions
{
    /// <summary>When the reports of the day before are made: a cron expression, in UTC. Default 02:15, when the provider has long booked the last minute of that day.</summary>
    public string Cron { get; set; } = "15 2 * * *";

    /// <summary>The schedule. Of missed ticks the last one is run: it makes up for the days before.</summary>
    public CronSchedule Schedule => new("nightly-settlement", Cron) { MissedTicks = MissedTicks.RunLast };
}

/// <summary>The jobs of the queue <see cref="Queues.Settlement"/>.</summary>
public static class SettlementJobs
{
    /// <summary>Kept for a week after success, for whoever asked for it.</summary>
    public static readonly JobType<SettleDay> Settle = new("settle-day", Queues.Settlement, SettlementJson.Default.SettleDay)
    {
        Timeout = TimeSpan.FromMinutes(30),
        KeepSucceeded = TimeSpan.FromDays(7),
    };

    /// <summary>The night's job: yesterday, as the tick sees it.</summary>
    public static SettleDay Nightly(DateTimeOffset tick) => new(DateOnly.FromDateTime(tick.UtcDateTime).AddDays(-1), AndMissing: true);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SettleDay))]
[JsonSerializable(typeof(SettledDays))]
[JsonSerializable(typeof(IReadOnlyList<SettlementDifference>))]
internal sealed partial class SettlementJson : JsonSerializerContext;
