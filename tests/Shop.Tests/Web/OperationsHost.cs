using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Contracts.Payments;
using Shop.Redis.Jobs;
using Shop.Testing;
using Shop.Web;
using Shop.Web.Grains;
using Shop.Web.Limits;
using Shop.Web.Operations;

namespace Shop.Tests.Web;

/// <summary>The operators' part of the web server on a real Kestrel and a real Redis. Who calls, a header says.</summary>
internal sealed class OperationsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private OperationsHost(WebApplication app, string prefix)
    {
        (_app, Prefix) = (app, prefix);
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public string Prefix { get; }

    public JobQueues Jobs => _app.Services.GetRequiredService<JobQueues>();

    public JobInspector Inspector => _app.Services.GetRequiredService<JobInspector>();

    public static async Task<OperationsHost> StartAsync(Servers servers, ISettlementsGrain? settlements = null)
    {
        var prefix = RedisFixture.NewPrefix();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "Shop.Web" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Shop:KeyPrefix", prefix)]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(servers.Redis.Connection).AddSingleton(TimeProvider.System)
            .AddSingleton(GrainDoubles.Of<IClusterClient>((_, _) => settlements ?? throw new NotSupportedException()))
            .AddSingleton<GrainCalls>().AddApiConventions().AddShopLimits().AddOperations().AddAuthorization()
            .AddAuthentication(HeaderAuthentication.Name).AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>(HeaderAuthentication.Name, null);
        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapOperations();
        await app.StartAsync();
        return new OperationsHost(app, prefix);
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path, string? role = OperationsApi.Role) => CallAsync(HttpMethod.Get, path, null, role);

    public Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object? body = null, string? role = OperationsApi.Role) => CallAsync(HttpMethod.Post, path, body, role);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(HttpMethod method, string path, object? body, string? role)
    {
        using var request = new HttpRequestMessage(method, $"/api/operations{path}") { Content = body is null ? null : JsonContent.Create(body) };
        if (role is not null)
            request.Headers.Add("X-Role", role);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    private sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public const string Name = "Header";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-Role"] is not [{ } role])
                return Task.FromResult(AuthenticateResult.NoResult());
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "Olga"), new Claim(ClaimTypes.Role, role)], Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
        }
    }
}
