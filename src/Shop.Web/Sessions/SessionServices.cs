using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults;
using Shop.Redis.Sessions;
using StackExchange.Redis;
using SessionOptions = Shop.Redis.Sessions.SessionOptions;

namespace Shop.Web.Sessions;

internal static class SessionServices
{
    /// <summary>
    /// The scheme <see cref="SessionCookie.Scheme"/>. How long sessions live is in the section <c>Shop:Sessions</c>, see
    /// <see cref="SessionOptions"/>.
    /// </summary>
    public static AuthenticationBuilder AddSessions(this AuthenticationBuilder authentication)
    {
        authentication.AddCookie(SessionCookie.Scheme);
        authentication.Services
            .AddSingleton(static services => services.GetRequiredService<IConfiguration>().GetSection("Shop:Sessions").Get<SessionOptions>() ?? new SessionOptions())
            .AddSingleton(static services => new RedisSessions(
                services.GetRequiredService<IConnectionMultiplexer>(),
                services.GetRequiredService<IConfiguration>().KeyPrefix(),
                new SessionVault(services.GetRequiredService<NpgsqlDataSource>()),
                services.GetRequiredService<SessionOptions>(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<RedisSessions>>()))
            .AddSingleton<SessionTickets>()
            .AddSingleton<SessionStarter>()
            .AddSingleton<StillSignedIn>()
            .AddSingleton<IConfigureOptions<AntiforgeryOptions>>(static services => new ConfigureOptions<AntiforgeryOptions>(
                forms => forms.Cookie = SessionCookie.OfForms(services.GetRequiredService<IHostEnvironment>().IsDevelopment())))
            .AddOptions<CookieAuthenticationOptions>(SessionCookie.Scheme)
            .Configure<SessionTickets, SessionOptions, IHostEnvironment>(static (cookie, tickets, lifetimes, environment) =>
                SessionCookie.Configure(cookie, tickets, lifetimes.MaxAge, environment.IsDevelopment()));
        return authentication;
    }
}
