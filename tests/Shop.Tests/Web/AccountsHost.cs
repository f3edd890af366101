using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using ServiceDefaults;
using Shop.Testing;
using Shop.Web;
using Shop.Web.Accounts;
using Shop.Web.Catalogue;
using Shop.Web.Grains;
using Shop.Web.Limits;
using Shop.Web.Orders;
using Shop.Web.Pages;
using Shop.Web.Sessions;
using Shop.Web.Storefront;
using Shop.Web.Tokens;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>
/// A replica of the web server, as far as it needs no silo: accounts, sessions, tokens and the pages that lead to them, on a real
/// Kestrel. Hosts with the same <see cref="Place"/> stand for several replicas, or for one that was started again.
/// </summary>
internal sealed class AccountsHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AccountsHost(WebApplication app, Place place) => (_app, Where) = (app, place);

    public Place Where { get; }

    public Uri Address => new(_app.Urls.Single());

    public NpgsqlDataSource Database => Get<NpgsqlDataSource>();

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<AccountsHost> StartAsync(Place place, string environment = "Development", bool demo = false, TimeProvider? clock = null, Action<IServiceCollection>? configure = null, Action<IEndpointRouteBuilder>? map = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, ApplicationName = "Shop.Web" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:webdb"] = place.Postgres,
            ["ConnectionStrings:redis"] = place.Redis,
            ["Shop:KeyPrefix"] = place.Prefix,
            ["Shop:Web:Limits:Requests:Permits"] = "100000",
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddAccounts();
        builder.Services.AddApiConventions().AddShopLimits().AddCatalogue().AddSingleton<GrainCalls>().AddSingleton<CustomerOrders>().AddStorefront();
        if (!demo)
            builder.Services.Remove(builder.Services.Single(static service => service.ImplementationType == typeof(DemoAccounts))); // three slow hashes
        if (clock is not null)
            builder.Services.Replace(ServiceDescriptor.Singleton(clock));
        configure?.Invoke(builder.Services);
        builder.Services.TryAddSingleton(GrainDoubles.Of<IClusterClient>(static (grain, _) => throw new RedisException($"There is no silo, and so no {grain.Name}.")));

        var app = builder.Build();
        app.UseFailureAnswers();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseMiddleware<SameOriginWrites>();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapAccounts();
        app.MapSessions();
        app.MapTokens();
        app.MapGet("/api/operations/test", static () => "for operators").RequireOperator();
        app.MapPost("/api/test", static () => "written").RequireAuthorization();
        app.MapMethods("/api/methods", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"], static (HttpContext _) => Results.NoContent());
        map?.Invoke(app);
        app.MapRazorComponents<App>();
        await app.StartAsync();
        return new AccountsHost(app, place);
    }

    /// <summary>A browser or a script, with a cookie jar of its own.</summary>
    public Visitor Visitor() => new(Address);

    /// <summary>Somebody with a new account, signed in.</summary>
    public async Task<Visitor> SignedUpAsync(string? name = null)
    {
        var visitor = Visitor();
        var (status, body) = await visitor.SignUpAsync(name: name);
        Assert.True(status == HttpStatusCode.Created, body.ToString());
        return visitor;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>What replicas share: a database, a Redis and a key prefix.</summary>
    internal sealed record Place(string Postgres, string Redis, string Prefix)
    {
        public static async Task<Place> NewAsync(Servers servers, string? redis = null) =>
            new(await servers.Postgres.CreateDatabaseAsync(), redis ?? servers.Redis.Server.ConnectionString, RedisFixture.NewPrefix());
    }
}
