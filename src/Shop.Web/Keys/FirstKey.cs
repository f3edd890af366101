using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Npgsql;

namespace Shop.Web.Keys;

/// <summary>
/// Makes the first key before anything asks for one, one replica at a time. Replicas that start together on an empty database
/// would each make a key of their own, and read those of the others a day later: until then a cookie would be good at one of them
/// only. Later keys are made two days before they are used.
/// </summary>
internal sealed class FirstKey(IKeyManager keys, NpgsqlDataSource database, TimeProvider clock) : IHostedLifecycleService
{
    private const long LockId = 0x53686F704B6579; // "ShopKey"

    /// <summary>The framework's own: how long a key is used.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(@id)", connection, transaction);
        hold.Parameters.AddWithValue("id", LockId);
        await hold.ExecuteNonQueryAsync(cancellationToken); // until the transaction ends

        var now = clock.GetUtcNow();
        if (!keys.GetAllKeys().Any(key => !key.IsRevoked && key.ExpirationDate > now))
            keys.CreateNewKey(now, now + Lifetime);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
