using Dapper;
using Npgsql;
using Shop.Web.Accounts;

namespace Shop.Web.Tokens;

/// <summary>
/// Personal access tokens in Postgres. They are looked up there with every request, by primary key, so that a revoked token stops
/// working everywhere with the commit.
/// </summary>
public sealed class TokenStore(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The most tokens of an account.</summary>
    public const int MaxTokens = 50;

    /// <summary>How exactly the last use is known.</summary>
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    /// <summary>Makes a token with a name that is valid; null when the account has one of this name, or <see cref="MaxTokens"/>.</summary>
    public async Task<NewTokenView?> MakeAsync(Guid account, string name, CancellationToken cancellationToken = default)
    {
        var token = AccessToken.New();
        return await AddAsync(account, name.Trim(), AccessToken.Hash(token)!, cancellationToken) is { } made
            ? new NewTokenView(token, made.Id, made.Name, made.CreatedAt)
            : null;
    }

    /// <summary>Adds a token; null when the account has one of this name, or <see cref="MaxTokens"/>.</summary>
    public async Task<TokenView?> AddAsync(Guid account, string name, byte[] hash, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var made = await connection.QuerySingleOrDefaultAsync<(Guid Id, string Name, DateTimeOffset CreatedAt)>(new CommandDefinition(
            """
            INSERT INTO tokens (id, account_id, name, hash, created_at)
            SELECT @id, @account, @name, @hash, @now
            WHERE (SELECT count(*) FROM tokens WHERE account_id = @account) < @MaxTokens
            ON CONFLICT (account_id, name) DO NOTHING
            RETURNING id, name, created_at
            """,
            new { id = Guid.CreateVersion7(), account, name, hash, now = clock.GetUtcNow(), MaxTokens },
            cancellationToken: cancellationToken));
        return made.Name is null ? null : new TokenView(made.Id, made.Name, made.CreatedAt, LastUsedAt: null);
    }

    /// <summary>An account's tokens, newest first.</summary>
    public async Task<IReadOnlyList<TokenView>> ListAsync(Guid account, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt)>(new CommandDefinition(
            """
            SELECT id, name, created_at, last_used_at
            FROM tokens
            WHERE account_id = @account
            ORDER BY id DESC
            """,
            new { account },
            cancellationToken: cancellationToken));
        return [.. rows.Select(static row => new TokenView(row.Id, row.Name, row.CreatedAt, row.LastUsedAt))];
    }

    /// <summary>Forgets a token; false when the account has none with this id.</summary>
    public async Task<bool> RevokeAsync(Guid account, Guid id, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM tokens WHERE account_id = @account AND id = @id", new { account, id }, cancellationToken: cancellationToken)) > 0;
    }

    /// <summary>Whose token this is; null when it is nobody's (any more). Its use is noted, once a minute.</summary>
    public async Task<Account?> FindOwnerAsync(byte[] hash, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<(Guid Id, string Email, string Name, bool Operator, DateTimeOffset? LastUsedAt)>(new CommandDefinition(
            """
            SELECT account.id, account.email, account.name, account.operator, token.last_used_at
            FROM tokens AS token
            JOIN accounts AS account ON account.id = token.account_id
            WHERE token.hash = @hash
            """,
            new { hash },
            cancellationToken: cancellationToken));
        if (row.Email is null)
            return null;

        var now = clock.GetUtcNow();
        if (row.LastUsedAt is not { } used || now - used >= UseInterval)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE tokens SET last_used_at = greatest(last_used_at, @now) WHERE hash = @hash", new { hash, now }, cancellationToken: cancellationToken));
        }

        return new Account(row.Id, row.Email, row.Name, row.Operator);
    }
}
