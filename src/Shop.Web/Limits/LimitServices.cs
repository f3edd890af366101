using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Shop.Redis.RateLimiting;
using Shop.Web.Storefront;
using StackExchange.Redis;

namespace Shop.Web.Limits;

internal static class LimitServices
{
    /// <summary>The shop's limits in ASP.NET Core's rate-limiting middleware: <c>app.UseRateLimiter()</c>, after authentication. <c>.DisableRateLimiting()</c> exempts an endpoint.</summary>
    public static IServiceCollection AddShopLimits(this IServiceCollection services)
    {
        services.AddOptions<LimitSettings>().BindConfiguration(LimitSettings.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitSettings>, LimitSettingsCheck>();
        services.AddOptions<RateLimiterOptions>().Configure<RequestLimiter>(static (options, limiter) =>
        {
            options.GlobalLimiter = limiter;
            options.OnRejected = RejectAsync;

            // The middleware wants to know the names that endpoints use; the global limiter has decided.
            options.AddPolicy(LimitPolicies.PlaceOrder, static _ => RateLimitPartition.GetNoLimiter(""));
        });
        return services
            .AddRateLimiter(static _ => { })
            .AddSingleton(static provider => new LimitRules(Settings(provider)))
            .AddSingleton(static provider => new RedisRateLimits(
                provider.GetRequiredService<IConnectionMultiplexer>(),
                provider.GetRequiredService<IConfiguration>().KeyPrefix(),
                LimitRules.RedisOptions(Settings(provider)),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RedisRateLimits>>()))
            .AddSingleton<RequestLimiter>()
            .AddSingleton(static provider => new SignInLimit(provider.GetRequiredService<RedisRateLimits>(), provider.GetRequiredService<LimitRules>()));
    }

    private static async ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        if (!rejected.Lease.TryGetMetadata(RateLimitDecision.Metadata, out var decision))
            return;
        var problem = LimitProblem.Of(decision!);
        if (PageRequest.Is(rejected.HttpContext))
            rejected.HttpContext.Response.StatusCode = problem.StatusCode; // the status pages make a page of it
        else
            await problem.ExecuteAsync(rejected.HttpContext);
    }

    private static LimitSettings Settings(IServiceProvider provider) => provider.GetRequiredService<IOptions<LimitSettings>>().Value;
}
