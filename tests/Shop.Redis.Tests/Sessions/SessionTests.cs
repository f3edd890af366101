using System.Text;
using Microsoft.Extensions.Time.Testing;
using Shop.Redis.Sessions;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Sessions;

/// <summary>What sessions do when nothing goes wrong.</summary>
public abstract class SessionTests(ITestRedis server, SessionsPostgres postgres) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private ConnectionMultiplexer _elsewhere = null!;
    private Replicas _replicas = null!;
    private Replica _here = null!;
    private Replica _there = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _replicas = new Replicas(await postgres.NewVaultAsync(), clock: _clock);
        _elsewhere = await server.ConnectAsync();
        _here = _replicas.Start(server.Connection);
        _there = _replicas.Start(_elsewhere);
    }

    public async ValueTask DisposeAsync()
    {
        await _replicas.DisposeAsync();
        await _elsewhere.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Any_replica_serves_a_session_that_another_began()
    {
        var begun = await _here.Sessions.CreateAsync(new NewSession { User = "ada", Device = "Firefox on Linux", Address = "::1", Fields = Fields(("cart", "3 mugs")) }, Ct);

        var session = await _there.Sessions.GetAsync(begun.Secret, Ct);

        Assert.NotNull(session);
        Assert.Equal(("ada", "Firefox on Linux", "::1", "3 mugs"), (session.User, session.Device, session.Address, Field(session, "cart")));
        Assert.Equal((begun.Session.Id, begun.Session.Version, _clock.GetUtcNow(), _clock.GetUtcNow() + TimeSpan.FromDays(14)), (session.Id, session.Version, session.CreatedAt, session.ExpiresAt));
        // The second time it comes from Redis, the same in every respect.
        Assert.Equivalent(session, await _here.Sessions.GetAsync(begun.Secret, Ct), strict: true);
        Assert.Equal((0, 1), (_here.Vault.Finds, _there.Vault.Finds));
    }

    [Fact]
    public async Task Every_sign_in_gets_a_secret_of_256_bits_that_no_log_shows()
    {
        var tickets = new List<SessionTicket>();
        for (var i = 0; i < 20; i++)
            tickets.Add(await SignInAsync("ada"));

        Assert.Equal(20, tickets.Select(static ticket => ticket.Secret).Distinct().Count());
        Assert.All(tickets, static ticket => Assert.Equal(43, ticket.Secret.Length));
        Assert.All(tickets, static ticket => Assert.DoesNotContain(ticket.Secret, ticket.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("{}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ÄAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_text_that_is_no_secret_opens_nothing_and_asks_nobody(string? text)
    {
        Assert.Null(await _here.Sessions.GetAsync(text, Ct));
        Assert.False(await _here.Sessions.RevokeAsync(text, Ct));
        Assert.Null(await _here.Sessions.RenewIdAsync(text!, ct: Ct));
        Assert.Equal(SessionWriteStatus.Ended, (await _here.Sessions.WriteAsync(text!, Change("a", "1"), Ct)).Status);

        Assert.Equal(0, _here.Vault.Finds);
        Assert.Empty(await RedisText.KeysAsync(server.Connection, _replicas.Prefix));
    }

    [Fact]
    public async Task A_secret_that_nobody_was_given_opens_nothing()
    {
        var stranger = (await SignInAsync("ada")).Secret;
        await _here.Sessions.RevokeAsync(stranger, Ct);
        var made = new string([.. stranger.Reverse().Skip(1), 'A']);

        Assert.Null(await _here.Sessions.GetAsync(made, Ct));
    }

    [Fact]
    public async Task A_revoked_session_stops_working_on_every_replica_at_once()
    {
        var ticket = await SignInAsync("ada");
        Assert.NotNull(await _here.Sessions.GetAsync(ticket.Secret, Ct));
        Assert.NotNull(await _there.Sessions.GetAsync(ticket.Secret, Ct));

        Assert.True(await _here.Sessions.RevokeAsync(ticket.Secret, Ct));

        Assert.Null(await _there.Sessions.GetAsync(ticket.Secret, Ct));
        Assert.Null(await _here.Sessions.GetAsync(ticket.Secret, Ct));
        Assert.False(await _there.Sessions.RevokeAsync(ticket.Secret, Ct));
        Assert.Equal(SessionWriteStatus.Ended, (await _there.Sessions.WriteAsync(ticket.Secret, Change("a", "1"), Ct)).Status);
        Assert.Null(await _there.Sessions.RenewIdAsync(ticket.Secret, ct: Ct));
    }

    [Fact]
    public async Task A_user_lists_and_revokes_sessions_of_their_own_only()
    {
        var laptop = await SignInAsync("ada", "Laptop");
        _clock.Advance(TimeSpan.FromHours(1));
        var phone = await SignInAsync("ada", "Phone");
        var bobs = await SignInAsync("bob");
        _clock.Advance(TimeSpan.FromHours(1));
        await _there.Sessions.GetAsync(laptop.Secret, Ct);
        await NotedAsync(1);

        var listed = await _there.Sessions.ListAsync("ada", Ct);

        Assert.Equal([("Laptop", _clock.GetUtcNow()), ("Phone", phone.Session.CreatedAt)], listed.Select(static session => (session.Device!, session.LastSeenAt)));
        Assert.False(await _here.Sessions.RevokeAsync("ada", bobs.Session.Id, Ct));
        Assert.True(await _here.Sessions.RevokeAsync("ada", listed[1].Id, Ct));
        Assert.False(await _here.Sessions.RevokeAsync("ada", listed[1].Id, Ct));
        Assert.Null(await _there.Sessions.GetAsync(phone.Secret, Ct));
        Assert.NotNull(await _there.Sessions.GetAsync(bobs.Secret, Ct));
        Assert.Equal(laptop.Session.Id, Assert.Single(await _here.Sessions.ListAsync("ada", Ct)).Id);
    }

    [Fact]
    public async Task All_others_or_all_sessions_of_a_user_end_in_one_call()
    {
        var mine = await SignInAsync("ada");
        var others = new[] { await SignInAsync("ada"), await SignInAsync("ada") };
        var bobs = await SignInAsync("bob");
        foreach (var other in others)
            Assert.NotNull(await _there.Sessions.GetAsync(other.Secret, Ct));

        Assert.Equal(2, await _here.Sessions.RevokeOthersAsync("ada", mine.Session.Id, Ct));
        foreach (var other in others)
            Assert.Null(await _there.Sessions.GetAsync(other.Secret, Ct));
        Assert.NotNull(await _there.Sessions.GetAsync(mine.Secret, Ct));

        Assert.Equal(1, await _here.Sessions.RevokeAllAsync("ada", Ct));
        Assert.Null(await _there.Sessions.GetAsync(mine.Secret, Ct));
        Assert.NotNull(await _there.Sessions.GetAsync(bobs.Secret, Ct));
        Assert.Empty(await _there.Sessions.ListAsync("ada", Ct));
    }

    [Fact]
    public async Task A_renewed_session_has_a_new_secret_and_the_old_one_opens_nothing_anywhere()
    {
        var old = await _here.Sessions.CreateAsync(new NewSession { User = "ada", Device = "Laptop", Fields = Fields(("cart", "3 mugs"), ("role", "customer")) }, Ct);
        Assert.NotNull(await _there.Sessions.GetAsync(old.Secret, Ct));

        var renewed = await _here.Sessions.RenewIdAsync(old.Secret, Change("role", "operator"), Ct);

        Assert.NotNull(renewed);
        Assert.NotEqual(old.Secret, renewed.Secret);
        Assert.Null(await _there.Sessions.GetAsync(old.Secret, Ct));
        var session = await _there.Sessions.GetAsync(renewed.Secret, Ct);
        Assert.Equivalent(renewed.Session, session, strict: true);
        Assert.Equal((old.Session.Id, "Laptop", "3 mugs", "operator"), (session!.Id, session.Device, Field(session, "cart"), Field(session, "role")));
        Assert.Equal(old.Session.Id, Assert.Single(await _here.Sessions.ListAsync("ada", Ct)).Id);
    }

    [Fact]
    public async Task Of_many_renewals_at_once_one_succeeds()
    {
        var old = await SignInAsync("ada");

        var renewals = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? _here : _there).Sessions.RenewIdAsync(old.Secret, ct: Ct)));

        var renewed = Assert.Single(renewals.OfType<SessionTicket>());
        Assert.NotNull(await _here.Sessions.GetAsync(renewed.Secret, Ct));
    }

    [Fact]
    public async Task Only_hashes_of_secrets_are_stored()
    {
        var old = await SignInAsync("ada");
        await _here.Sessions.GetAsync(old.Secret, Ct);
        await _here.Sessions.WriteAsync(old.Secret, Change("cart", "1"), Ct);
        var renewed = (await _here.Sessions.RenewIdAsync(old.Secret, ct: Ct))!;
        await _there.Sessions.GetAsync(renewed.Secret, Ct);

        var stored = await RedisText.DumpAsync(server.Connection, _replicas.Prefix) + await _here.Vault.Inner.DumpAsync();

        Assert.Contains(renewed.Session.Id.ToString(), stored, StringComparison.Ordinal);
        foreach (var secret in (string[])[old.Secret, renewed.Secret])
        {
            var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(secret);
            Assert.All((string[])[secret, Convert.ToBase64String(bytes), Convert.ToHexStringLower(bytes), Encoding.Latin1.GetString(bytes)],
                form => Assert.DoesNotContain(form, stored, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Every_key_expires()
    {
        var ended = await SignInAsync("ada");
        await _here.Sessions.RevokeAsync(ended.Secret, Ct);
        var living = await SignInAsync("ada");
        await _here.Sessions.GetAsync(living.Secret, Ct);

        var keys = await RedisText.KeysAsync(server.Connection, _replicas.Prefix);

        Assert.Equal(2, keys.Count);
        foreach (var key in keys)
            Assert.InRange((await server.Database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(18));
    }

    [Fact]
    public async Task An_idle_session_expires_and_a_used_one_does_not_before_its_greatest_age()
    {
        var idle = await SignInAsync("ada");
        var used = await SignInAsync("ada");
        Assert.NotNull(await _here.Sessions.GetAsync(idle.Secret, Ct));
        for (var day = 0; day < 89; day++)
        {
            _clock.Advance(TimeSpan.FromDays(1));
            Assert.NotNull(await (day % 2 == 0 ? _here : _there).Sessions.GetAsync(used.Secret, Ct));
            await NotedAsync(day + 1);
            if (day == 13)
                Assert.Null(await _here.Sessions.GetAsync(idle.Secret, Ct)); // and asking has not brought it back:
            if (day == 14)
                Assert.Null(await _there.Sessions.GetAsync(idle.Secret, Ct));
        }

        Assert.Equal(used.Session.CreatedAt + TimeSpan.FromDays(90), (await _here.Sessions.GetAsync(used.Secret, Ct))!.ExpiresAt);
        Assert.Equal(used.Session.Id, Assert.Single(await _here.Sessions.ListAsync("ada", Ct)).Id);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await _here.Sessions.GetAsync(used.Secret, Ct));
        Assert.Empty(await _here.Sessions.ListAsync("ada", Ct));
    }

    [Fact]
    public async Task Use_is_noted_once_per_interval_however_many_requests_and_replicas_there_are()
    {
        var ticket = await SignInAsync("ada");
        for (var i = 0; i < 20; i++)
            await (i % 2 == 0 ? _here : _there).Sessions.GetAsync(ticket.Secret, Ct);
        Assert.Equal(0, _here.Vault.Touches + _there.Vault.Touches);

        _clock.Advance(TimeSpan.FromMinutes(1));
        var sessions = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? _here : _there).Sessions.GetAsync(ticket.Secret, Ct)));

        Assert.All(sessions, session => Assert.Equal(_clock.GetUtcNow(), session!.LastSeenAt));
        await NotedAsync(1);
        Assert.Equal(_clock.GetUtcNow(), (await _here.Sessions.ListAsync("ada", Ct))[0].LastSeenAt);
        await _here.Sessions.DisposeAsync(); // what else there was to note is noted then
        await _there.Sessions.DisposeAsync();
        Assert.Equal(1, _here.Vault.Touches + _there.Vault.Touches);
    }

    [Fact]
    public async Task What_is_still_to_be_noted_is_noted_at_shutdown()
    {
        var ticket = await SignInAsync("ada");
        await _here.Sessions.GetAsync(ticket.Secret, Ct);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _here.Sessions.GetAsync(ticket.Secret, Ct);

        await _here.Sessions.DisposeAsync();

        Assert.Equal(_clock.GetUtcNow(), (await _there.Sessions.ListAsync("ada", Ct))[0].LastSeenAt);
    }

    [Fact]
    public async Task Sessions_that_ended_long_ago_are_forgotten_by_the_vault()
    {
        var revoked = await SignInAsync("ada");
        await _here.Sessions.RevokeAsync(revoked.Secret, Ct);
        await SignInAsync("ada"); // expires in 14 days

        await PurgedAsync(day: 6);
        Assert.Equal(2, await _here.Vault.Inner.CountAsync());
        await PurgedAsync(day: 8);
        Assert.Equal(1, await _here.Vault.Inner.CountAsync());
        await PurgedAsync(day: 22);
        Assert.Equal(0, await _here.Vault.Inner.CountAsync());

        async Task PurgedAsync(int day)
        {
            _clock.SetUtcNow(revoked.Session.CreatedAt + TimeSpan.FromDays(day));
            var before = _here.Vault.Purges;
            await Eventually.TrueAsync(
                () =>
                {
                    _clock.Advance(TimeSpan.FromHours(1));
                    return Task.FromResult(_here.Vault.Purges >= before + 2);
                },
                $"purges on day {day}");
        }
    }

    private async Task<SessionTicket> SignInAsync(string user, string? device = null) =>
        await _here.Sessions.CreateAsync(new NewSession { User = user, Device = device }, Ct);

    private Task NotedAsync(int uses) =>
        Eventually.TrueAsync(() => Task.FromResult(_here.Vault.Touches + _there.Vault.Touches >= uses), $"{uses} uses to be noted");

    private static Dictionary<string, ReadOnlyMemory<byte>> Fields(params (string Name, string Value)[] fields) =>
        fields.ToDictionary(static field => field.Name, static field => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(field.Value));

    private static SessionChanges Change(string name, string value) => SessionText.Change(name, value);

    private static string? Field(Session session, string name) => SessionText.Field(session, name);
}

public sealed class SessionsOnRedis(OwnRedis server, SessionsPostgres postgres) : SessionTests(server, postgres), IClassFixture<OwnRedis>;

public sealed class SessionsOnCluster(ClusterRedis server, SessionsPostgres postgres) : SessionTests(server, postgres);
