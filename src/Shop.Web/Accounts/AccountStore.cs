using Dapper;
using Npgsql;

namespace Shop.Web.Accounts;

/// <summary>The accounts in Postgres.</summary>
public sealed class AccountStore(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns = "id, email, name, operator";

    /// <summary>Adds an account; null when the address has one.</summary>
    public async Task<Account?> AddAsync(string email, string name, string passwordHash, bool isOperator = false, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Account>(new CommandDefinition(
            $"""
             INSERT INTO accounts (id, email, email_key, name, password_hash, operator, created_at)
             VALUES (@id, @email, @key, @name, @passwordHash, @isOperator, @now)
             ON CONFLICT (email_key) DO NOTHING
             RETURNING {Columns}
             """,
            new { id = Guid.CreateVersion7(), email = email.Trim(), key = EmailAddress.Key(email), name = name.Trim(), passwordHash, isOperator, now = clock.GetUtcNow() },
            cancellationToken: cancellationToken));
    }

    /// <summary>The account with this address and the hash of its password; null when there is none.</summary>
    public async Task<(Account Account, string PasswordHash)?> FindAsync(string email, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<(Guid Id, string Email, string Name, bool Operator, string PasswordHash)>(new CommandDefinition(
            $"SELECT {Columns}, password_hash FROM accounts WHERE email_key = @key",
            new { key = EmailAddress.Key(email) },
            cancellationToken: cancellationToken));
        return row.PasswordHash is null ? null : (new Account(row.Id, row.Email, row.Name, row.Operator), row.PasswordHash);
    }

    /// <summary>Writes a stronger hash of the same password, unless the password was changed meanwhile.</summary>
    public async Task RehashAsync(Guid id, string from, string to, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE accounts SET password_hash = @to WHERE id = @id AND password_hash = @from", new { id, from, to }, cancellationToken: cancellationToken));
    }

    /// <summary>The names of accounts, in one query; ids without an account are left out.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Name)>> NamesAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<(Guid Id, string Name)>(new CommandDefinition(
            "SELECT id, name FROM accounts WHERE id = ANY (@ids)", new { ids = ids.ToArray() }, cancellationToken: cancellationToken))];
    }
}
