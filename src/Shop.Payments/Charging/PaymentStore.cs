using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Messaging;

namespace Shop.Payments.Charging;

/// <summary>
/// The payments table. Whoever holds the lock of an order first claims its row with the lock's fencing token; from then on a
/// write with an older token finds no row. The claim also answers whether the order is settled already. Claims, and
/// settlements, that arrive together share a transaction.
/// </summary>
public sealed class PaymentStore : IAsyncDisposable
{
    private const string InboxConsumer = "payments";

    private readonly NpgsqlDataSource _database;
    private readonly Outbox _outbox;
    private readonly TimeProvider _clock;
    private readonly GroupCommit<PaymentClaim, PaymentStatus?> _claims;
    private readonly GroupCommit<Settlement, bool> _settlements;

    public PaymentStore(NpgsqlDataSource database, Outbox outbox, TimeProvider clock)
    {
        (_database, _outbox, _clock) = (database, outbox, clock);
        _claims = new GroupCommit<PaymentClaim, PaymentStatus?>("payments.claim", CommitClaimsAsync);
        _settlements = new GroupCommit<Settlement, bool>("payments.settle", CommitSettlementsAsync);
    }

    /// <summary>Makes the token the newest of the order's payment and answers where that stands. Throws <see cref="StaleFencingTokenException"/> when a newer one is there.</summary>
    public async Task<PaymentStatus> ClaimAsync(PaymentClaim claim, CancellationToken cancellationToken) =>
        await _claims.SubmitAsync(claim, cancellationToken) ?? throw new StaleFencingTokenException(claim.OrderId, claim.FencingToken);

    /// <summary>Writes the outcome, the inbox row and the outbox row in one transaction. Throws <see cref="StaleFencingTokenException"/> when the token is not the newest.</summary>
    public async Task SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        if (!await _settlements.SubmitAsync(settlement, cancellationToken))
            throw new StaleFencingTokenException(settlement.OrderId, settlement.FencingToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _claims.DisposeAsync();
        await _settlements.DisposeAsync();
    }

    private async Task<IReadOnlyList<PaymentStatus?>> CommitClaimsAsync(IReadOnlyList<PaymentClaim> batch, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(Guid OrderId, short Status)>(new CommandDefinition(
            """
            INSERT INTO payments (order_id, amount, currency, status, fencing_token, created_at, updated_at)
            SELECT order_id, amount, currency, @pending, fencing_token, @now, @now
            FROM unnest(@orders, @amounts, @currencies, @tokens) AS claim (order_id, amount, currency, fencing_token)
            ORDER BY order_id
            ON CONFLICT (order_id) DO UPDATE
            SET fencing_token = excluded.fencing_token
            WHERE payments.fencing_token < excluded.fencing_token
            RETURNING order_id, status
            """,
            new
            {
                pending = (short)PaymentStatus.Pending,
                now = _clock.GetUtcNow(),
                orders = batch.Select(static claim => claim.OrderId).ToArray(),
                amounts = batch.Select(static claim => claim.Amount.Amount).ToArray(),
                currencies = batch.Select(static claim => claim.Amount.Currency).ToArray(),
                tokens = batch.Select(static claim => claim.FencingToken).ToArray(),
            },
            cancellationToken: cancellationToken));
        var statuses = rows.ToDictionary(static row => row.OrderId, static row => (PaymentStatus)row.Status);
        return [.. batch.Select(claim => statuses.TryGetValue(claim.OrderId, out var status) ? status : (PaymentStatus?)null)];
    }

    private async Task<IReadOnlyList<bool>> CommitSettlementsAsync(IReadOnlyList<Settlement> batch, CancellationToken cancellationToken)
    {
        await using var transaction = await _outbox.BeginAsync(cancellationToken);
        var now = _clock.GetUtcNow();
        var rows = await transaction.Connection.QueryAsync<Guid>(new CommandDefinition(
            """
            UPDATE payments p
            SET status = s.status,
                provider_reference = coalesce(s.reference, p.provider_reference),
                captured_at = coalesce(s.captured_at, p.captured_at),
                refunded_at = coalesce(s.refunded_at, p.refunded_at),
                reason = s.reason,
                updated_at = @now
            FROM unnest(@orders, @tokens, @expected, @statuses, @references, @captures, @refunds, @reasons)
                AS s (order_id, fencing_token, expected, status, reference, captured_at, refunded_at, reason)
            WHERE p.order_id = s.order_id AND p.fencing_token = s.fencing_token AND p.status = s.expected
            RETURNING p.order_id
            """,
            new
            {
                now,
                orders = batch.Select(static settlement => settlement.OrderId).ToArray(),
                tokens = batch.Select(static settlement => settlement.FencingToken).ToArray(),
                expected = batch.Select(static settlement => (short)settlement.From).ToArray(),
                statuses = batch.Select(static settlement => (short)settlement.To).ToArray(),
                references = batch.Select(static settlement => settlement.Reference).ToArray(),
                captures = batch.Select(static settlement => settlement.Capture?.At).ToArray(),
                refunds = batch.Select(static settlement => settlement.Refund?.At).ToArray(),
                reasons = batch.Select(static settlement => settlement.Reason).ToArray(),
            },
            transaction.Transaction,
            cancellationToken: cancellationToken));

        var written = rows.ToHashSet();
        var settled = batch.Where(settlement => written.Contains(settlement.OrderId)).ToList();
        if (settled.Count > 0)
            await Inbox.TryRecordAsync(transaction, InboxConsumer, [.. settled.Select(static settlement => settlement.CausedBy)], cancellationToken);
        foreach (var settlement in settled)
            Announce(transaction, settlement, now);
        await transaction.CommitAsync(cancellationToken);
        return [.. batch.Select(settlement => written.Contains(settlement.OrderId))];
    }

    private static void Announce(OutboxTransaction transaction, Settlement settlement, DateTimeOffset now)
    {
        var key = settlement.OrderId.ToString();
        switch (settlement.To)
        {
            case PaymentStatus.Captured:
                transaction.Enqueue(Streams.Payments, key, new PaymentCaptured(settlement.OrderId, settlement.Amount, settlement.Reference!, now), settlement.TraceParent);
                break;
            case PaymentStatus.Declined:
                transaction.Enqueue(Streams.Payments, key, new PaymentDeclined(settlement.OrderId, settlement.Amount, settlement.Reason!, now), settlement.TraceParent);
                break;
            case PaymentStatus.Refunded:
                transaction.Enqueue(Streams.Payments, key, new PaymentRefunded(settlement.OrderId, settlement.Amount, settlement.Reference!, now), settlement.TraceParent);
                break;
            case PaymentStatus.Voided:
                break; // no money moved: nothing happened that anybody waits for
            default:
                throw new InvalidOperationException($"A payment cannot be settled as {settlement.To}.");
        }
    }
}
