using Microsoft.Extensions.Time.Testing;
using Shop.Redis.Sessions;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;
using static Shop.Redis.Tests.Sessions.SessionText;

namespace Shop.Redis.Tests.Sessions;

/// <summary>Revocations in the middle of something: the gates of the vault say in the middle of what.</summary>
public abstract class SessionRaceTests(ITestRedis server, SessionsPostgres postgres) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private ConnectionMultiplexer _elsewhere = null!;
    private Replicas _replicas = null!;
    private Replica _here = null!;
    private Replica _there = null!;
    private SessionTicket _ticket = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _replicas = new Replicas(await postgres.NewVaultAsync(), clock: _clock);
        _elsewhere = await server.ConnectAsync();
        _here = _replicas.Start(server.Connection);
        _there = _replicas.Start(_elsewhere);
        _ticket = await _here.Sessions.CreateAsync(new NewSession { User = "ada" }, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _replicas.DisposeAsync();
        await _elsewhere.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_reading_that_began_before_a_revocation_is_not_cached_after_it()
    {
        var (gate, reading) = await BeginReadingAsync();

        await _there.Sessions.RevokeAsync(_ticket.Secret, Ct);
        gate.Open();
        Assert.NotNull(await reading); // its request came first

        await EndedAsync();
    }

    [Fact]
    public async Task A_reading_that_began_before_a_revocation_and_a_wipe_is_not_cached_after_them()
    {
        var (gate, reading) = await BeginReadingAsync();

        await _there.Sessions.RevokeAsync(_ticket.Secret, Ct);
        foreach (var key in await RedisText.KeysAsync(server.Connection, _replicas.Prefix))
            await server.Database.KeyDeleteAsync(key); // with the tombstone, as FLUSHALL
        gate.Open();
        await reading;

        await EndedAsync();
    }

    [Fact]
    public async Task A_request_after_a_revocation_does_not_share_a_reading_that_began_before_it()
    {
        var (gate, reading) = await BeginReadingAsync();
        await _there.Sessions.RevokeAsync(_ticket.Secret, Ct);

        Assert.Null(await _here.Sessions.GetAsync(_ticket.Secret, Ct));

        Assert.False(reading.IsCompleted);
        gate.Open();
        await reading;
    }

    [Fact]
    public async Task A_late_note_of_use_does_not_bring_a_revoked_session_back()
    {
        await _here.Sessions.GetAsync(_ticket.Secret, Ct);
        _clock.Advance(TimeSpan.FromMinutes(5));
        _here.Vault.BeforeTouch = new Gate();
        await _here.Sessions.GetAsync(_ticket.Secret, Ct);
        await _here.Vault.BeforeTouch.Reached;

        await _there.Sessions.RevokeAsync(_ticket.Secret, Ct);
        _here.Vault.BeforeTouch.Open();
        await Eventually.TrueAsync(() => Task.FromResult(_here.Vault.Touches == 1), "the late note");

        await EndedAsync();
        await ForgetAsync();
        await EndedAsync();
    }

    [Fact]
    public async Task A_write_that_reaches_Redis_after_a_revocation_does_not_bring_the_session_back()
    {
        await _here.Sessions.GetAsync(_ticket.Secret, Ct);
        _here.Vault.AfterWrite = new Gate();
        var writing = _here.Sessions.WriteAsync(_ticket.Secret, Change("cart", "3 mugs"), Ct);
        await _here.Vault.AfterWrite.Reached;

        await _there.Sessions.RevokeAsync(_ticket.Secret, Ct);
        await ForgetAsync(); // nor when the tombstone has expired
        _here.Vault.AfterWrite.Open();
        Assert.Equal(SessionWriteStatus.Written, (await writing).Status); // before it was revoked

        await EndedAsync();
    }

    [Fact]
    public async Task A_thousand_requests_at_once_read_the_vault_once()
    {
        _here.Vault.AfterFind = new Gate();
        var requests = Enumerable.Range(0, 1000).Select(_ => _here.Sessions.GetAsync(_ticket.Secret, Ct)).ToArray();
        await _here.Vault.AfterFind.Reached;
        _here.Vault.AfterFind.Open();

        Assert.All(await Task.WhenAll(requests), session => Assert.Equal(_ticket.Session.Id, session!.Id));
        Assert.Equal(1, _here.Vault.Finds);
    }

    [Fact]
    public async Task Nobody_waits_for_a_reader_that_died()
    {
        var (gate, reading) = await BeginReadingAsync(); // never comes back

        Assert.NotNull(await _there.Sessions.GetAsync(_ticket.Secret, Ct));

        Assert.False(reading.IsCompleted);
        gate.Open();
        Assert.NotNull(await reading);
    }

    [Fact]
    public async Task A_revoker_that_dies_before_it_reaches_Redis_is_made_good_by_the_next_sweep()
    {
        await _there.Sessions.GetAsync(_ticket.Secret, Ct);
        _here.Vault.AfterRevoke = new Gate();
        var revoking = _here.Sessions.RevokeAsync(_ticket.Secret, Ct);
        await _here.Vault.AfterRevoke.Reached; // and never comes back

        await SweptAsync();

        Assert.Null(await _there.Sessions.GetAsync(_ticket.Secret, Ct));
        Assert.False(revoking.IsCompleted);
        _here.Vault.AfterRevoke.Open();
        Assert.True(await revoking);
    }

    [Fact]
    public async Task A_writer_that_dies_before_it_reaches_Redis_is_made_good_by_the_next_sweep()
    {
        await _there.Sessions.GetAsync(_ticket.Secret, Ct);
        _here.Vault.AfterWrite = new Gate();
        var writing = _here.Sessions.WriteAsync(_ticket.Secret, Change("theme", "dark"), Ct);
        await _here.Vault.AfterWrite.Reached;

        await SweptAsync();

        Assert.Equal("dark", Field(await _there.Sessions.GetAsync(_ticket.Secret, Ct), "theme"));
        _here.Vault.AfterWrite.Open();
        await writing;
    }

    [Fact]
    public async Task An_error_of_the_vault_reaches_the_caller_and_nothing_is_cached()
    {
        _here.Vault.Broken = true;
        await Assert.ThrowsAsync<InvalidOperationException>(() => _here.Sessions.GetAsync(_ticket.Secret, Ct));

        _here.Vault.Broken = false;
        Assert.NotNull(await _here.Sessions.GetAsync(_ticket.Secret, Ct));
    }

    private async Task<(Gate Gate, Task<Session?> Reading)> BeginReadingAsync()
    {
        var gate = _here.Vault.AfterFind = new Gate();
        var reading = _here.Sessions.GetAsync(_ticket.Secret, Ct);
        await gate.Reached;
        _here.Vault.AfterFind = null;
        return (gate, reading);
    }

    /// <summary>A whole sweep from now on: when the second begins, the first is through.</summary>
    private async Task SweptAsync()
    {
        var before = _there.Vault.Sweeps;
        await Eventually.TrueAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(12));
                return Task.FromResult(_there.Vault.Sweeps >= before + 3);
            },
            "a sweep");
    }

    private async Task EndedAsync()
    {
        Assert.Null(await _here.Sessions.GetAsync(_ticket.Secret, Ct));
        Assert.Null(await _there.Sessions.GetAsync(_ticket.Secret, Ct));
    }

    /// <summary>As if everything that Redis knows had expired.</summary>
    private async Task ForgetAsync()
    {
        foreach (var key in await RedisText.KeysAsync(server.Connection, _replicas.Prefix))
            await server.Database.KeyDeleteAsync(key);
    }
}

public sealed class SessionRacesOnRedis(OwnRedis server, SessionsPostgres postgres) : SessionRaceTests(server, postgres), IClassFixture<OwnRedis>;

public sealed class SessionRacesOnCluster(ClusterRedis server, SessionsPostgres postgres) : SessionRaceTests(server, postgres);
