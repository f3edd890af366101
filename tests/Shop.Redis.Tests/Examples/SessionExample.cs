using Shop.Redis.Sessions;
using Shop.Redis.Tests.Sessions;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Examples;

public sealed class SessionExample(OwnRedis server, SessionsPostgres postgres) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task A_session_from_sign_in_to_sign_out()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        await using var vault = await postgres.NewVaultAsync();

        // begin: README
        await using var sessions = new RedisSessions(redis, shop, vault);
        var ticket = await sessions.CreateAsync(new NewSession { User = "ada", Device = "Firefox on Linux", Address = "192.0.2.7" }, ct);

        var session = await sessions.GetAsync(ticket.Secret, ct);       // each request, on any machine; null: signed out

        var mine = await sessions.ListAsync("ada", ct);                 // "my sessions"
        await sessions.RevokeAsync("ada", mine[0].Id, ct);              // from this moment it opens nothing, anywhere
        // end: README

        Assert.Equal("ada", session?.User);
        Assert.Null(await sessions.GetAsync(ticket.Secret, ct));
    }
}
