using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Payments.Charging;

namespace Shop.Payments.Settlements;

/// <summary>The settlement reports in Postgres, and what they are made of.</summary>
public sealed class SettlementStore(NpgsqlDataSource database)
{
    private const int MonthBack = 31;

    /// <summary>The shop's movements that the provider booked from <paramref name="from"/> to before <paramref name="until"/>.</summary>
    public async IAsyncEnumerable<BookedMovement> MovementsAsync(DateTimeOffset from, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT order_id, false AS is_refund, amount, currency FROM payments WHERE captured_at >= $1 AND captured_at < $2
            UNION ALL
            SELECT order_id, true, amount, currency FROM payments WHERE refunded_at >= $1 AND refunded_at < $2
            """, connection)
        {
            Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = from }, new NpgsqlParameter<DateTimeOffset> { TypedValue = until } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (order, isRefund) = (reader.GetGuid(0), reader.GetBoolean(1));
            yield return new BookedMovement(
                isRefund ? ProviderKey.OfRefund(order) : ProviderKey.OfCapture(order), isRefund, new Money(reader.GetDecimal(2), reader.GetString(3)));
        }
    }

    /// <summary>The days before <paramref name="day"/>, from the shop's first payment but at most a month back, that have no report; oldest first.</summary>
    public async Task<IReadOnlyList<DateOnly>> MissingBeforeAsync(DateOnly day, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var days = await connection.QueryAsync<DateTime>(new CommandDefinition(
            """
            SELECT missing.day
            FROM generate_series(
                greatest(@day::date - @back, (SELECT (min(captured_at) AT TIME ZONE 'UTC')::date FROM payments WHERE captured_at IS NOT NULL))::timestamp,
                (@day::date - 1)::timestamp,
                '1 day') AS missing (day)
            WHERE (SELECT min(captured_at) FROM payments WHERE captured_at IS NOT NULL) IS NOT NULL
                AND NOT EXISTS (SELECT FROM settlement_reports r WHERE r.day = missing.day::date)
            ORDER BY missing.day
            """,
            new { day = day.ToDateTime(TimeOnly.MinValue), back = MonthBack },
            cancellationToken: cancellationToken));
        return [.. days.Select(DateOnly.FromDateTime)];
    }

    /// <summary>Puts the reports of a day in the place of those that are there, in one transaction.</summary>
    public async Task ReplaceAsync(DateOnly day, IReadOnlyList<SettlementReport> reports, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM settlement_reports WHERE day = @day::date", new { day = day.ToDateTime(TimeOnly.MinValue) }, transaction, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO settlement_reports (
                day, currency, captured, captures, refunded, refunds, provider_captured, provider_refunded, difference_count, differences, made_at)
            VALUES (
                @day::date, @Currency, @Captured, @Captures, @Refunded, @Refunds, @ProviderCaptured, @ProviderRefunded, @DifferenceCount, @differences::jsonb, @MadeAt)
            """,
            reports.Select(report => new
            {
                day = day.ToDateTime(TimeOnly.MinValue),
                report.Currency,
                report.Captured,
                report.Captures,
                report.Refunded,
                report.Refunds,
                report.ProviderCaptured,
                report.ProviderRefunded,
                report.DifferenceCount,
                differences = JsonSerializer.Serialize(report.Differences, SettlementJson.Default.IReadOnlyListSettlementDifference),
                report.MadeAt,
            }),
            transaction,
            cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The reports of the days <paramref name="from"/> to <paramref name="to"/>, both included, oldest first.</summary>
    public async Task<IReadOnlyList<SettlementReport>> ReadAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<ReportRow>(new CommandDefinition(
            """
            SELECT
                day::timestamp AS day, currency, captured, captures, refunded, refunds, provider_captured AS providerCaptured, provider_refunded AS providerRefunded,
                difference_count AS differenceCount, differences::text AS differences, made_at AS madeAt
            FROM settlement_reports
            WHERE day BETWEEN @from::date AND @to::date
            ORDER BY day, currency
            """,
            new { from = from.ToDateTime(TimeOnly.MinValue), to = to.ToDateTime(TimeOnly.MinValue) },
            cancellationToken: cancellationToken));
        return [.. rows.Select(static row => new SettlementReport(
            DateOnly.FromDateTime(row.Day), row.Currency, row.Captured, row.Captures, row.Refunded, row.Refunds, row.ProviderCaptured, row.ProviderRefunded,
            row.DifferenceCount, JsonSerializer.Deserialize(row.Differences, SettlementJson.Default.IReadOnlyListSettlementDifference)!, new DateTimeOffset(row.MadeAt)))];
    }

    private sealed record ReportRow(
        DateTime Day, string Currency, decimal Captured, int Captures, decimal Refunded, int Refunds, decimal ProviderCaptured, decimal ProviderRefunded,
        int DifferenceCount, string Differences, DateTime MadeAt);
}
