using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceDefaults;
using Shop.Web;
using Shop.Web.Grains;
using Shop.Web.Limits;
using Shop.Web.Operations;
using StackExchange.Redis;

namespace Shop.Tests.Web;

/// <summary>
/// A replica of the web server as far as limits go, on a real Kestrel. The header X-User signs in, and X-Address is where a request comes from. Hosts with
/// the same prefix share their limits.
/// </summary>
internal sealed class LimitsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private LimitsHost(WebApplication app)
    {
        _app = app;
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public static async Task<LimitsHost> StartAsync(IConnectionMultiplexer redis, string prefix, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "Shop.Web" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Shop:KeyPrefix", prefix), .. settings.Select(static setting => KeyValuePair.Create($"Shop:Web:Limits:{setting.Name}", (string?)setting.Value))]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddProblemDetails()
            .AddExceptionHandler<FailureAnswers>()
            .ConfigureHttpJsonOptions(static json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default))
            .AddSingleton(redis)
            .AddSingleton(TimeProvider.System)
            .AddShopLimits()
            .AddOperations()
            .AddHealthChecks();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(static (context, next) =>
        {
            if (context.Request.Headers["X-User"].ToString() is { Length: > 0 } user)
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user), new Claim(ClaimTypes.NameIdentifier, user)], "test"));
            if (IPAddress.TryParse(context.Request.Headers["X-Address"], out var address))
                context.Connection.RemoteIpAddress = address;
            return next(context);
        });
        app.UseRateLimiter();
        app.MapGet("/api/things", static () => "things");
        app.MapGet("/api/bad", static string () => throw new BadHttpRequestException("bad"));
        app.MapPost("/api/orders", static () => TypedResults.Created()).RequireRateLimiting(LimitPolicies.PlaceOrder);
        app.MapPost("/api/session", static async (Credentials sent, HttpContext context, SignInLimit limit) =>
            sent.Email is null ? Results.BadRequest() : await limit.RefusalAsync(context, sent.Email, context.RequestAborted) ?? Results.Ok());
        app.MapGet("/live", static async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var number = 1; ; number++)
            {
                await context.Response.WriteAsync($"data: {number}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
        app.MapGroup("/api/operations").MapLimits();
        app.MapDefaultEndpoints();
        await app.StartAsync();
        return new LimitsHost(app);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? user = null, string? address = null, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (user is not null)
            request.Headers.Add("X-User", user);
        if (address is not null)
            request.Headers.Add("X-Address", address);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The answer's status, and its <c>RateLimit</c> header.</summary>
    public async Task<(int Status, string Limits)> AskAsync(HttpMethod method, string path, string? user = null, string? address = null, object? body = null)
    {
        using var response = await SendAsync(method, path, user, address, body);
        return ((int)response.StatusCode, Header(response, "RateLimit"));
    }

    /// <summary>The statuses of so many answers in a row, for example <c>200 200 429</c>.</summary>
    public async Task<string> StatusesAsync(int count, HttpMethod method, string path, string? user = null, string? address = null, object? body = null)
    {
        var statuses = new List<int>();
        for (var i = 0; i < count; i++)
            statuses.Add((await AskAsync(method, path, user, address, body)).Status);
        return string.Join(' ', statuses);
    }

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
    }

    public static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    internal sealed record Credentials(string? Email);
}
