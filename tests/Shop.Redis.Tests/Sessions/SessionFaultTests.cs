using Shop.EmbeddedHosting.Servers;
using Shop.Redis.Sessions;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;
using static Shop.Redis.Tests.Sessions.SessionText;

namespace Shop.Redis.Tests.Sessions;

/// <summary>A Redis that is wiped, stands still, is away, or comes back with what it knew before.</summary>
public sealed class SessionFaultTests(SessionsPostgres postgres) : IAsyncLifetime
{
    private RedisServer _server = null!;
    private ConnectionMultiplexer _one = null!;
    private ConnectionMultiplexer _other = null!;
    private Replicas _replicas = null!;
    private Replica _here = null!;
    private Replica _there = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Written at once, or a kill could lose what a test wants to find again.
        _server = new RedisServer { DataFolder = TemporaryFolder.Create("redis"), Arguments = ["--appendfsync", "always"] };
        await _server.StartAsync(Ct);
        _one = await RedisFixture.ConnectAsync(_server);
        _other = await RedisFixture.ConnectAsync(_server);
        // Sweeps do not come by themselves, so that none does a doubt's work.
        _replicas = new Replicas(await postgres.NewVaultAsync(), new SessionOptions { Patience = TimeSpan.FromSeconds(2), SweepInterval = TimeSpan.FromMinutes(10) });
        _here = _replicas.Start(_one);
        _there = _replicas.Start(_other);
    }

    public async ValueTask DisposeAsync()
    {
        await _replicas.DisposeAsync();
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_wipe_signs_nobody_out_and_brings_nobody_back()
    {
        var ended = await SignInAsync();
        await _here.Sessions.RevokeAsync(ended.Secret, Ct);
        var living = new List<SessionTicket>();
        for (var i = 0; i < 20; i++)
            living.Add(await SignInAsync());
        await Task.WhenAll(living.Select(ticket => _here.Sessions.GetAsync(ticket.Secret, Ct)));
        var finds = _there.Vault.Finds;

        await _one.GetServers()[0].FlushAllDatabasesAsync();

        for (var round = 0; round < 3; round++)
        {
            Assert.All(await Task.WhenAll(living.Select(ticket => _there.Sessions.GetAsync(ticket.Secret, Ct))), Assert.NotNull);
            Assert.Null(await _there.Sessions.GetAsync(ended.Secret, Ct));
        }

        Assert.Equal(21, _there.Vault.Finds - finds); // each once, and from then on from Redis
    }

    [Fact]
    public async Task While_Redis_is_away_the_vault_serves_and_revocations_hold()
    {
        var (kept, ended) = (await SignInAsync(), await SignInAsync());
        await CachedAsync(kept, ended);

        await _server.KillAsync();

        Assert.NotNull(await _there.Sessions.GetAsync(kept.Secret, Ct));
        Assert.True(await _here.Sessions.RevokeAsync(ended.Secret, Ct));
        Assert.Null(await _there.Sessions.GetAsync(ended.Secret, Ct));
        Assert.Equal(SessionWriteStatus.Written, (await _here.Sessions.WriteAsync(kept.Secret, Change("theme", "dark"), Ct)).Status);
        Assert.Equal("dark", Field(await _there.Sessions.GetAsync(kept.Secret, Ct), "theme"));
        var renewed = await _there.Sessions.RenewIdAsync(kept.Secret, ct: Ct);
        Assert.NotNull(await _here.Sessions.GetAsync(renewed!.Secret, Ct));
        var begun = await SignInAsync();
        Assert.NotNull(await _there.Sessions.GetAsync(begun.Secret, Ct));
        Assert.True(_there.HasLogged("Redis is doubted"));
    }

    [Fact]
    public async Task A_Redis_that_comes_back_with_what_it_knew_before_brings_no_session_and_no_field_back()
    {
        var (changed, ended) = (await SignInAsync(), await SignInAsync());
        await CachedAsync(changed, ended);
        await _server.KillAsync();
        await _here.Sessions.RevokeAsync(ended.Secret, Ct);
        await _here.Sessions.WriteAsync(changed.Secret, Change("theme", "dark"), Ct);

        await _server.StartAsync(Ct);

        // From the first answer on, whether it comes from the vault or already from Redis.
        foreach (var replica in (Replica[])[_here, _there])
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    Assert.Null(await replica.Sessions.GetAsync(ended.Secret, Ct));
                    Assert.Equal("dark", Field(await replica.Sessions.GetAsync(changed.Secret, Ct), "theme"));
                    return replica.HasLogged("served from Redis again");
                },
                "Redis to be believed");
        }

        var finds = _there.Vault.Finds;
        Assert.Equal("dark", Field(await _there.Sessions.GetAsync(changed.Secret, Ct), "theme"));
        Assert.Null(await _there.Sessions.GetAsync(ended.Secret, Ct));
        Assert.InRange(_there.Vault.Finds - finds, 0, 1);
    }

    [Fact]
    public async Task An_entry_of_the_old_Redis_is_there_to_be_corrected()
    {
        // The test above would mean nothing if the restart had lost the entry.
        var ticket = await SignInAsync();
        await CachedAsync(ticket);
        await _server.KillAsync();
        await _server.StartAsync(Ct);

        await Eventually.TrueAsync(() => Task.FromResult(_one.IsConnected), "the connection");
        Assert.Contains("version=1", await RedisText.DumpAsync(_one, _replicas.Prefix), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_Redis_stands_still_requests_are_served_and_only_the_first_wait_for_it()
    {
        var (kept, ended) = (await SignInAsync(), await SignInAsync());
        await CachedAsync(kept, ended);
        _server.Pause();
        try
        {
            Assert.NotNull(await _there.Sessions.GetAsync(kept.Secret, Ct));
            var finds = _there.Vault.Finds;
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _there.Sessions.GetAsync(kept.Secret, Ct))), Assert.NotNull);
            Assert.Equal(100, _there.Vault.Finds - finds);

            Assert.True(await _here.Sessions.RevokeAsync(ended.Secret, Ct));
            Assert.Null(await _there.Sessions.GetAsync(ended.Secret, Ct));
        }
        finally
        {
            _server.Resume();
        }

        await _there.HasLoggedAsync("served from Redis again");
        await _here.HasLoggedAsync("served from Redis again");
        Assert.Null(await _there.Sessions.GetAsync(ended.Secret, Ct));
        Assert.NotNull(await _there.Sessions.GetAsync(kept.Secret, Ct));
        Assert.Equal(1, _there.Log.Lines.Count(static line => line.Text.Contains("Redis is doubted", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_process_that_starts_while_Redis_is_away_serves_and_finds_Redis_later()
    {
        var ticket = await SignInAsync();
        await _server.KillAsync();
        await using var late = await RedisFixture.ConnectAsync(_server);
        var started = _replicas.Start(late);

        Assert.NotNull(await started.Sessions.GetAsync(ticket.Secret, Ct));

        await _server.StartAsync(Ct);
        await started.HasLoggedAsync("served from Redis again");
        await started.Sessions.GetAsync(ticket.Secret, Ct);
        var finds = started.Vault.Finds;
        Assert.NotNull(await started.Sessions.GetAsync(ticket.Secret, Ct));
        Assert.Equal(finds, started.Vault.Finds);
        await started.Sessions.DisposeAsync();
    }

    [Fact]
    public async Task A_Redis_that_refuses_is_as_good_as_away()
    {
        var ticket = await SignInAsync();
        var key = (string)Assert.Single(await CachedKeysAsync(ticket))!;
        await _one.GetDatabase().KeyDeleteAsync(key);
        await _one.GetDatabase().StringSetAsync(key, "of another type");

        Assert.NotNull(await _there.Sessions.GetAsync(ticket.Secret, Ct));
        Assert.True(await _there.Sessions.RevokeAsync(ticket.Secret, Ct));
        Assert.Null(await _there.Sessions.GetAsync(ticket.Secret, Ct));
    }

    private Task<SessionTicket> SignInAsync() => _here.Sessions.CreateAsync(new NewSession { User = "ada" }, Ct);

    private async Task CachedAsync(params SessionTicket[] tickets)
    {
        foreach (var ticket in tickets)
            Assert.NotNull(await _there.Sessions.GetAsync(ticket.Secret, Ct));
    }

    private async Task<IReadOnlyList<RedisKey>> CachedKeysAsync(SessionTicket ticket)
    {
        await CachedAsync(ticket);
        return await RedisText.KeysAsync(_one, _replicas.Prefix);
    }
}
