using Shop.Redis.Sessions;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;
using static Shop.Redis.Tests.Sessions.SessionText;

namespace Shop.Redis.Tests.Sessions;

/// <summary>Writes of several replicas to one session.</summary>
public abstract class FieldTests(ITestRedis server, SessionsPostgres postgres) : IAsyncLifetime
{
    private ConnectionMultiplexer _elsewhere = null!;
    private Replicas _replicas = null!;
    private Replica _here = null!;
    private Replica _there = null!;
    private SessionTicket _ticket = null!;

    /// <summary>A sweep between a write's two steps is right to drop the entry; these tests look at what the steps do by themselves.</summary>
    private static SessionOptions Unswept => new() { Patience = TimeSpan.FromSeconds(60), SweepInterval = TimeSpan.FromMinutes(15) };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _replicas = new Replicas(await postgres.NewVaultAsync(), Unswept);
        _elsewhere = await server.ConnectAsync();
        _here = _replicas.Start(server.Connection);
        _there = _replicas.Start(_elsewhere);
        await Eventually.TrueAsync(() => Task.FromResult(_here.Vault.Sweeps == 1 && _there.Vault.Sweeps == 1), "the sweeps of the start");
        _ticket = await _here.Sessions.CreateAsync(new NewSession { User = "ada" }, Ct);
        await _here.Sessions.GetAsync(_ticket.Secret, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _replicas.DisposeAsync();
        await _elsewhere.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Two_replicas_that_write_different_fields_lose_nothing()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            (i % 2 == 0 ? _here : _there).Sessions.WriteAsync(_ticket.Secret, Change($"field {i}", $"{i}", _ticket.Session.Version), Ct)));

        Assert.All(results, static result => Assert.Equal(SessionWriteStatus.Written, result.Status));
        foreach (var replica in (Replica[])[_here, _there])
        {
            var session = await replica.Sessions.GetAsync(_ticket.Secret, Ct);
            Assert.Equal(_ticket.Session.Version + 40, session!.Version);
            Assert.All(Enumerable.Range(0, 40), i => Assert.Equal($"{i}", Field(session, $"field {i}")));
        }
    }

    [Fact]
    public async Task Of_those_who_write_one_field_from_the_same_version_one_succeeds_and_the_others_are_told()
    {
        var release = await _here.Vault.Inner.HoldRowsAsync(writers: 6);
        var writes = Enumerable.Range(0, 20).Select(i =>
            (i % 2 == 0 ? _here : _there).Sessions.WriteAsync(_ticket.Secret, Change("cart", $"{i}", _ticket.Session.Version), Ct)).ToArray();
        await release();
        var results = await Task.WhenAll(writes);

        var winner = Assert.Single(results, static result => result.Status == SessionWriteStatus.Written);
        Assert.All(results.Except([winner]), result => Assert.Equal((SessionWriteStatus.Conflict, Field(winner.Session, "cart")), (result.Status, Field(result.Session, "cart"))));
        Assert.Equal(Field(winner.Session, "cart"), Field(await _there.Sessions.GetAsync(_ticket.Secret, Ct), "cart"));

        // With what the conflict said in hand, the next try works.
        var again = await _there.Sessions.WriteAsync(_ticket.Secret, Change("cart", "mine", results[0].Session!.Version), Ct);
        Assert.Equal((SessionWriteStatus.Written, "mine"), (again.Status, Field(again.Session, "cart")));
    }

    [Fact]
    public async Task Without_a_version_the_later_write_wins()
    {
        await _here.Sessions.WriteAsync(_ticket.Secret, Change("theme", "light"), Ct);
        await _there.Sessions.WriteAsync(_ticket.Secret, Change("theme", "dark"), Ct);

        Assert.Equal("dark", Field(await _here.Sessions.GetAsync(_ticket.Secret, Ct), "theme"));
    }

    [Fact]
    public async Task A_removed_field_is_gone_and_its_removal_is_a_write_like_any_other()
    {
        var written = await _here.Sessions.WriteAsync(_ticket.Secret, Change("cart", "3 mugs"), Ct);
        await _there.Sessions.WriteAsync(_ticket.Secret, Change("cart", null), Ct);

        Assert.Empty((await _here.Sessions.GetAsync(_ticket.Secret, Ct))!.Fields);
        Assert.Equal(SessionWriteStatus.Conflict, (await _here.Sessions.WriteAsync(_ticket.Secret, Change("cart", "4 mugs", written.Session!.Version), Ct)).Status);
    }

    [Fact]
    public async Task A_write_that_reaches_Redis_late_loses_to_a_later_one()
    {
        _here.Vault.AfterWrite = new Gate();
        var late = _here.Sessions.WriteAsync(_ticket.Secret, Change("theme", "light"), Ct);
        await _here.Vault.AfterWrite.Reached;
        await _there.Sessions.WriteAsync(_ticket.Secret, Change("theme", "dark"), Ct);

        _here.Vault.AfterWrite.Open();
        await late;

        Assert.Equal("dark", Field(await _there.Sessions.GetAsync(_ticket.Secret, Ct), "theme"));
        Assert.Equal(0, _there.Vault.Finds);
    }

    [Fact]
    public async Task A_reading_that_began_before_a_write_is_not_cached_after_it()
    {
        var fresh = await _here.Sessions.CreateAsync(new NewSession { User = "ada" }, Ct);
        _here.Vault.AfterFind = new Gate();
        var reading = _here.Sessions.GetAsync(fresh.Secret, Ct);
        await _here.Vault.AfterFind.Reached;

        await _there.Sessions.WriteAsync(fresh.Secret, Change("theme", "dark"), Ct);
        _here.Vault.AfterFind.Open();
        Assert.Null(Field(await reading, "theme"));

        Assert.Equal("dark", Field(await _there.Sessions.GetAsync(fresh.Secret, Ct), "theme"));
        Assert.Equal("dark", Field(await _here.Sessions.GetAsync(fresh.Secret, Ct), "theme"));
    }

    [Fact]
    public async Task Too_much_or_nothing_is_refused_with_the_sizes()
    {
        var tooMuch = await Assert.ThrowsAsync<ArgumentException>(() => _here.Sessions.WriteAsync(_ticket.Secret, Change("blob", new string('x', 40_000)), Ct));
        Assert.Contains("40004 bytes: at most 32768", tooMuch.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => _here.Sessions.WriteAsync(_ticket.Secret, Change(new string('n', 65), "x"), Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => _here.Sessions.WriteAsync(_ticket.Secret, SessionChanges.None, Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => _here.Sessions.CreateAsync(new NewSession { User = " " }, Ct));
    }
}

public sealed class FieldsOnRedis(OwnRedis server, SessionsPostgres postgres) : FieldTests(server, postgres), IClassFixture<OwnRedis>;

public sealed class FieldsOnCluster(ClusterRedis server, SessionsPostgres postgres) : FieldTests(server, postgres);
