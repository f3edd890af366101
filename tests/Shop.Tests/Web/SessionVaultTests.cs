using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ServiceDefaults;
using Shop.Redis.Sessions;
using Shop.Web.Sessions;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>What <see cref="ISessionVault"/> asks for, of the tables of webdb.</summary>
public sealed class SessionVaultTests(Servers servers) : IAsyncLifetime
{
    // Postgres keeps microseconds.
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private NpgsqlDataSource _database = null!;
    private SessionVault _vault = null!;
    private string _ada = null!;
    private string _bob = null!;

    public async ValueTask InitializeAsync()
    {
        var connectionString = await servers.Postgres.CreateDatabaseAsync();
        await new SchemaMigration(connectionString, [typeof(SessionVault).Assembly], NullLogger<SchemaMigration>.Instance).StartingAsync(CancellationToken.None);
        _database = NpgsqlDataSource.Create(connectionString);
        _vault = new SessionVault(_database);
        (_ada, _bob) = (await AccountAsync("ada"), await AccountAsync("bob"));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task What_was_added_is_found()
    {
        var added = await AddAsync(_ada, ("theme", "dark"), ("empty", ""));

        var found = await _vault.FindAsync(added.Hash, default);

        Assert.Equal(added with { Fields = found!.Fields }, found);
        Assert.Equal(["empty=", "theme=dark"], Text(found));
        Assert.Null(await _vault.FindAsync(NewHash(), default));
        Assert.Empty((await _vault.FindAsync((await AddAsync(_ada)).Hash, default))!.Fields);
    }

    [Fact]
    public async Task A_write_leaves_other_fields_alone_and_counts()
    {
        var session = await AddAsync(_ada, ("theme", "dark"), ("cart", "1"));

        var write = await _vault.WriteAsync(session.Hash, Changes(null, ("cart", "2"), ("seen", "yes")), Now.AddMinutes(1), default);
        var removal = await _vault.WriteAsync(session.Hash, Changes(null, ("theme", null)), Now.AddMinutes(2), default);

        Assert.True(write!.Written);
        Assert.Equal((2L, 3L), (write.Session.Version, removal!.Session.Version));
        Assert.Equal(["cart=2", "seen=yes", "theme=dark"], Text(write.Session));
        Assert.Equal(["cart=2", "seen=yes"], Text((await _vault.FindAsync(session.Hash, default))!));
        Assert.Null(await _vault.WriteAsync(NewHash(), Changes(null, ("cart", "2")), Now, default));
    }

    [Fact]
    public async Task A_write_that_is_based_on_less_than_another_wrote_is_a_conflict()
    {
        var session = await AddAsync(_ada, ("theme", "dark"), ("cart", "1"));
        await _vault.WriteAsync(session.Hash, Changes(null, ("theme", null)), Now, default);

        var outdated = await _vault.WriteAsync(session.Hash, Changes(1, ("theme", "light")), Now, default);
        var elsewhere = await _vault.WriteAsync(session.Hash, Changes(1, ("cart", "2")), Now, default);
        var current = await _vault.WriteAsync(session.Hash, Changes(2, ("theme", "light")), Now, default);

        Assert.Equal((false, 2L), (outdated!.Written, outdated.Session.Version));
        Assert.Equal((true, true), (elsewhere!.Written, current!.Written));
        Assert.Equal(["cart=2", "theme=light"], Text(current.Session));
    }

    [Fact]
    public async Task A_session_lives_on_under_its_new_hash_only()
    {
        var session = await AddAsync(_ada, ("theme", "dark"));
        var replacement = NewHash();

        var replaced = await _vault.ReplaceHashAsync(session.Hash, replacement, Changes(null, ("role", "operator")), Now.AddMinutes(1), default);

        Assert.Equal((replacement, session.Id, session.CreatedAt, 2L), (replaced!.Hash, replaced.Id, replaced.CreatedAt, replaced.Version));
        Assert.Equal(["role=operator", "theme=dark"], Text(replaced));
        Assert.Null(await _vault.FindAsync(session.Hash, default));
        Assert.Null(await _vault.ReplaceHashAsync(session.Hash, NewHash(), SessionChanges.None, Now, default));
        var again = NewHash();
        Assert.NotNull(await _vault.ReplaceHashAsync(replacement, again, SessionChanges.None, Now.AddMinutes(2), default));
        Assert.Equal(again, Assert.Single(await _vault.ListAsync(_ada, Now, default)).Hash);
        var changes = (await _vault.ListChangedAsync(Now, default)).ToDictionary(static change => change.Hash, static change => change.Ended);
        Assert.Equal((true, true, false), (changes[session.Hash], changes[replacement], changes[again]));
    }

    [Fact]
    public async Task Of_many_replacements_at_once_one_succeeds()
    {
        var session = await AddAsync(_ada);

        var replaced = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _vault.ReplaceHashAsync(session.Hash, NewHash(), SessionChanges.None, Now, default)));

        Assert.Single(replaced, static one => one is not null);
    }

    [Fact]
    public async Task A_use_is_noted_and_time_never_goes_back()
    {
        var (used, revoked) = (await AddAsync(_ada), await AddAsync(_ada));
        await _vault.RevokeAsync(SessionSelection.WithHash(revoked.Hash), Now, default);
        var unknown = NewHash();

        var notLiving = await _vault.TouchAsync([new(used.Hash, Now.AddHours(2), Now.AddDays(20)), new(revoked.Hash, Now, Now.AddDays(20)), new(unknown, Now, Now)], default);
        await _vault.TouchAsync([new(used.Hash, Now.AddHours(1), Now.AddDays(19))], default);

        Assert.Equal([revoked.Hash, unknown], notLiving);
        var found = await _vault.FindAsync(used.Hash, default);
        Assert.Equal((Now.AddHours(2), Now.AddDays(20), 1L), (found!.LastSeenAt, found.ExpiresAt, found.Version));
        Assert.DoesNotContain(await _vault.ListChangedAsync(Now.AddDays(-1), default), change => change.Hash == used.Hash);
    }

    [Fact]
    public async Task Sessions_are_listed_by_user_while_they_live_the_last_seen_first()
    {
        var (first, second, expired) = (await AddAsync(_ada), await AddAsync(_ada), await AddAsync(_ada));
        await AddAsync(_bob);
        await _vault.TouchAsync([new(first.Hash, Now.AddHours(1), Now.AddDays(30)), new(second.Hash, Now.AddMinutes(1), Now.AddDays(30))], default);

        Assert.Equal([first.Hash, second.Hash], (await _vault.ListAsync(_ada, expired.ExpiresAt, default)).Select(static session => session.Hash));
    }

    [Fact]
    public async Task What_is_selected_ends_once_and_for_all()
    {
        var (a, b, c, d) = (await AddAsync(_ada), await AddAsync(_ada), await AddAsync(_ada), await AddAsync(_bob));

        Assert.Empty(await _vault.RevokeAsync(SessionSelection.One(_bob, a.Id), Now, default));
        Assert.Equal([a.Hash], await _vault.RevokeAsync(SessionSelection.One(_ada, a.Id), Now, default));
        Assert.Empty(await _vault.RevokeAsync(SessionSelection.One(_ada, a.Id), Now, default));
        Assert.Equal([b.Hash], await _vault.RevokeAsync(SessionSelection.AllBut(_ada, c.Id), Now, default));
        Assert.Equal([c.Hash], await _vault.RevokeAsync(SessionSelection.AllOf(_ada), Now, default));
        Assert.Equal([d.Hash], await _vault.RevokeAsync(SessionSelection.WithHash(d.Hash), Now, default));

        Assert.Null(await _vault.FindAsync(a.Hash, default));
        Assert.Null(await _vault.WriteAsync(a.Hash, Changes(null, ("theme", "dark")), Now, default));
        Assert.Equal(4, (await _vault.ListChangedAsync(Now, default)).Count(static change => change.Ended));
        Assert.Empty(await _vault.ListChangedAsync(Now.AddTicks(10), default));
    }

    [Fact]
    public async Task What_ended_or_expired_long_ago_is_forgotten_a_few_at_a_time()
    {
        var (living, ended, expired) = (await AddAsync(_ada), await AddAsync(_ada, ("theme", "dark")), await AddAsync(_ada));
        await _vault.RevokeAsync(SessionSelection.WithHash(ended.Hash), Now, default);
        await _vault.TouchAsync([new(living.Hash, Now.AddDays(20), Now.AddDays(40))], default);

        Assert.Equal(0, await _vault.PurgeAsync(Now, 10, default));
        Assert.Equal(1, await _vault.PurgeAsync(expired.ExpiresAt.AddDays(1), 1, default));
        Assert.Equal(1, await _vault.PurgeAsync(expired.ExpiresAt.AddDays(1), 10, default));

        Assert.NotNull(await _vault.FindAsync(living.Hash, default));
        await using var connection = await _database.OpenConnectionAsync();
        Assert.Equal((1L, 0L), (await connection.QuerySingleAsync<long>("SELECT count(*) FROM sessions"), await connection.QuerySingleAsync<long>("SELECT count(*) FROM session_fields")));
    }

    [Fact]
    public async Task Batches_of_uses_and_revocations_do_not_wait_for_each_other_in_a_circle()
    {
        var sessions = new List<StoredSession>();
        for (var i = 0; i < 40; i++)
            sessions.Add(await AddAsync(_ada));
        var touches = sessions.ConvertAll(static session => new SessionTouch(session.Hash, Now.AddHours(1), Now.AddDays(30)));
        var backwards = Enumerable.Reverse(touches).ToList();

        // A deadlock is an exception here.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var i = 0; i < 20; i++)
                await _vault.TouchAsync(worker % 2 == 0 ? touches : backwards, default);
            if (worker == 7)
                await _vault.RevokeAsync(SessionSelection.AllOf(_ada), Now, default);
        }));

        Assert.Empty(await _vault.ListAsync(_ada, Now, default));
    }

    private async Task<string> AccountAsync(string name)
    {
        var id = Guid.CreateVersion7();
        await using var connection = await _database.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "INSERT INTO accounts (id, email, email_key, name, password_hash, created_at) VALUES (@id, @name, @name, @name, '', @Now)", new { id, name, Now });
        return id.ToString();
    }

    private async Task<StoredSession> AddAsync(string user, params (string Name, string Value)[] fields)
    {
        var session = new StoredSession
        {
            Hash = NewHash(),
            Id = Guid.CreateVersion7(),
            User = user,
            Device = "Firefox on Linux",
            Address = null,
            CreatedAt = Now,
            LastSeenAt = Now,
            ExpiresAt = Now.AddDays(14),
            Version = 1,
            Fields = fields.ToDictionary(static field => field.Name, static field => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(field.Value)), StringComparer.Ordinal),
        };
        await _vault.AddAsync(session, default);
        return session;
    }

    private static SessionHash NewHash() => new(RandomNumberGenerator.GetBytes(32));

    private static SessionChanges Changes(long? basedOn, params (string Name, string? Value)[] fields) => new()
    {
        BasedOn = basedOn,
        Fields = fields.ToDictionary(
            static field => field.Name, static field => field.Value is { } value ? Encoding.UTF8.GetBytes(value) : (ReadOnlyMemory<byte>?)null, StringComparer.Ordinal),
    };

    private static string[] Text(StoredSession session) =>
        [.. session.Fields.Select(static field => $"{field.Key}={Encoding.UTF8.GetString(field.Value.Span)}").Order(StringComparer.Ordinal)];
}
