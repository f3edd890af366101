using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Messaging;
using Shop.Payments.Charging;

namespace Shop.Payments.Sandbox;

/// <summary>
/// A payment provider to play with: it moves no money, but keeps books like one that does, in tables of its own. What a card
/// does is in <see cref="PaymentCard"/>. One capture per idempotency key, whatever happens to the caller.
/// </summary>
public sealed class SandboxProvider : IPaymentProvider, IAsyncDisposable
{
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(3);

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _clock;
    private readonly GroupCommit<LedgerEntry, ProviderBooking> _ledger;

    public SandboxProvider(NpgsqlDataSource database, TimeProvider clock)
    {
        (_database, _clock) = (database, clock);
        _ledger = new GroupCommit<LedgerEntry, ProviderBooking>("sandbox.ledger", WriteAsync);
    }

    public async Task<ChargeResult> ChargeAsync(string idempotencyKey, Money amount, string cardToken, CancellationToken cancellationToken)
    {
        switch (cardToken)
        {
            case PaymentCard.Paying:
                break;
            case PaymentCard.FailingTwice when await CountAttemptAsync(idempotencyKey, cancellationToken) <= 2:
                throw new PaymentProviderException("The sandbox provider fails twice for this card, as asked. The charge is tried again.");
            case PaymentCard.FailingTwice:
                break;
            case PaymentCard.Slow:
                await Task.Delay(SlowAnswer, _clock, cancellationToken); // the behaviour that this card stands for
                break;
            case PaymentCard.Declining:
                return ChargeResult.Declined("The card was declined.");
            default:
                return ChargeResult.Declined("The sandbox takes only its test cards, for example 4242 4242 4242 4242.");
        }

        return ChargeResult.Captured(await _ledger.SubmitAsync(new LedgerEntry(idempotencyKey, "capture", amount), cancellationToken));
    }

    public async Task<ProviderBooking?> FindCaptureAsync(string idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var capture = await connection.QuerySingleOrDefaultAsync<(string Reference, DateTimeOffset At)>(new CommandDefinition(
            "SELECT reference, at FROM sandbox.ledger WHERE idempotency_key = @idempotencyKey AND kind = 'capture'",
            new { idempotencyKey },
            cancellationToken: cancellationToken));
        return capture.Reference is null ? null : new ProviderBooking(capture.Reference, capture.At);
    }

    public async IAsyncEnumerable<ProviderMovement> LedgerAsync(DateTimeOffset from, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT idempotency_key, kind, amount, currency, reference, at
            FROM sandbox.ledger
            WHERE at >= $1 AND at < $2
            ORDER BY at
            """, connection)
        {
            Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = from }, new NpgsqlParameter<DateTimeOffset> { TypedValue = until } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new ProviderMovement(
                reader.GetString(0),
                reader.GetString(1) == "refund",
                new Money(reader.GetDecimal(2), reader.GetString(3)),
                new ProviderBooking(reader.GetString(4), reader.GetFieldValue<DateTimeOffset>(5)));
        }
    }

    public Task<ProviderBooking> RefundAsync(string idempotencyKey, Money amount, CancellationToken cancellationToken) =>
        _ledger.SubmitAsync(new LedgerEntry(idempotencyKey, "refund", amount), cancellationToken);

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    private async Task<int> CountAttemptAsync(string idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<int>(new CommandDefinition(
            """
            INSERT INTO sandbox.attempts (idempotency_key, attempts)
            VALUES (@idempotencyKey, 1)
            ON CONFLICT (idempotency_key) DO UPDATE SET attempts = attempts.attempts + 1
            RETURNING attempts
            """,
            new { idempotencyKey },
            cancellationToken: cancellationToken));
    }

    private async Task<IReadOnlyList<ProviderBooking>> WriteAsync(IReadOnlyList<LedgerEntry> batch, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var keys = batch.Select(static entry => entry.IdempotencyKey).ToArray();
        await using var result = await connection.QueryMultipleAsync(new CommandDefinition(
            """
            INSERT INTO sandbox.ledger (idempotency_key, kind, reference, amount, currency, at)
            SELECT idempotency_key, kind, reference, amount, currency, @now
            FROM unnest(@keys, @kinds, @references, @amounts, @currencies) AS entry (idempotency_key, kind, reference, amount, currency)
            ORDER BY idempotency_key
            ON CONFLICT (idempotency_key) DO NOTHING;

            SELECT idempotency_key, reference, at FROM sandbox.ledger WHERE idempotency_key = ANY (@keys);
            """,
            new
            {
                now = _clock.GetUtcNow(),
                keys,
                kinds = batch.Select(static entry => entry.Kind).ToArray(),
                references = batch.Select(static entry => $"sb_{entry.Kind}_{Guid.CreateVersion7():N}").ToArray(),
                amounts = batch.Select(static entry => entry.Amount.Amount).ToArray(),
                currencies = batch.Select(static entry => entry.Amount.Currency).ToArray(),
            },
            cancellationToken: cancellationToken));
        var bookings = (await result.ReadAsync<(string Key, string Reference, DateTimeOffset At)>())
            .ToDictionary(static row => row.Key, static row => new ProviderBooking(row.Reference, row.At), StringComparer.Ordinal);
        return [.. keys.Select(key => bookings[key])];
    }

    private sealed record LedgerEntry(string IdempotencyKey, string Kind, Money Amount);
}
