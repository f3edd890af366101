using Dapper;
using Npgsql;
using Shop.Contracts.Notifications;
using Shop.Web.Grains;

namespace Shop.Web.Storefront;

/// <summary>How far a customer has read their notifications, in Postgres, and how many came since.</summary>
public sealed partial class UnreadNotifications(NpgsqlDataSource database, GrainCalls grains, ILogger<UnreadNotifications> logger)
{
    /// <summary>More are not counted.</summary>
    public const int Most = 100;

    /// <summary>
    /// The last sequence that was read, and how many there are after it, up to <see cref="Most"/>. The count stands on every page, so
    /// that it is none rather than an error while the service of the notifications is away.
    /// </summary>
    public async Task<(long Read, int Count)> CountAsync(string customer, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var read = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT sequence FROM notifications_read WHERE account_id = @account", new { account = Guid.Parse(customer) }, cancellationToken: cancellationToken)) ?? 0;
        try
        {
            var unread = await grains.CallAsync(factory => factory.GetGrain<IFeedGrain>(customer).ReadAsync(read, Most), cancellationToken);
            return (read, unread.Count);
        }
        catch (Exception exception) when (FailureAnswers.IsUnavailable(exception) && !cancellationToken.IsCancellationRequested)
        {
            LogNoCount(logger, exception.Message);
            return (read, 0);
        }
    }

    /// <summary>Everything up to <paramref name="sequence"/> is read; never goes back.</summary>
    public async Task MarkReadAsync(string customer, long sequence, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO notifications_read (account_id, sequence)
            VALUES (@account, @sequence)
            ON CONFLICT (account_id) DO UPDATE SET sequence = greatest(notifications_read.sequence, excluded.sequence)
            """,
            new { account = Guid.Parse(customer), sequence },
            cancellationToken: cancellationToken));
    }

    [LoggerMessage(1, LogLevel.Warning, "The unread notifications are not counted: {Reason}")]
    private static partial void LogNoCount(ILogger logger, string reason);
}
