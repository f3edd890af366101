using Microsoft.AspNetCore.Connections;
using Shop.Dashboard.Api;
using Shop.Dashboard.Otlp;
using Shop.Dashboard.Pages;
using Shop.Dashboard.Resources;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard;

/// <summary>Puts the dashboard together and runs it.</summary>
internal static class DashboardHost
{
    /// <summary>The largest export request, in bytes, after decompression.</summary>
    public const int MaxExportSize = 16 * 1024 * 1024;

    public static WebApplication Build(DashboardOptions options, string[]? args = null)
    {
        var builder = WebApplication.CreateBuilder(args ?? []);
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxExportSize;
            kestrel.Listen(options);
        });
        // A line per request would bury the dashboard's own: exporters call several times a second.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System);
        AddTelemetry(builder.Services);
        builder.Services.AddSingleton<OtlpReceiver>().AddRequestDecompression().AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxExportSize);
        builder.Services.AddPages().AddTelemetryApi();

        var app = builder.Build();
        app.UseWhen(static context => !context.CameBy(Listener.Pages), static otlp =>
        {
            otlp.UseMiddleware<OtlpApiKey>();
            otlp.UseRequestDecompression();
        });
        app.UseWhen(static context => context.CameBy(Listener.Pages), static pages => pages.UsePageSafety().UseMiddleware<Login>());
        app.UseRouting();
        app.UseListenerBoundaries();
        app.MapGroup("").On(Listener.OtlpGrpc).MapOtlpGrpc();
        app.MapGroup("").On(Listener.OtlpHttp).MapOtlpHttp();
        var pages = app.MapGroup("").On(Listener.Pages);
        pages.MapLogin();
        pages.MapPages();
        pages.MapTelemetryApi();
        pages.MapGet("/health", static () => TypedResults.Ok());
        return app;
    }

    /// <exception cref="DashboardException">A port is taken; names the port and the variable that moves it.</exception>
    public static async Task StartAsync(WebApplication app, CancellationToken cancellationToken = default)
    {
        // Asked before the host tries, which would log a page of stack trace above the one line that helps.
        foreach (var (variable, port) in app.Services.GetRequiredService<DashboardOptions>().Ports)
            if (Listeners.IsTaken(port))
                throw new DashboardException($"Port {port} is taken by another program. Stop that program, or choose another port with {variable}.");
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new DashboardException($"{e.Message} It was taken just now; start again, or choose other ports.", e);
        }
    }

    private static void AddTelemetry(IServiceCollection services)
    {
        services.AddSingleton<TraceStore>(static _ => new TraceStore());
        services.AddSingleton<LogStore>(static _ => new LogStore());
        services.AddSingleton<MetricStore>(static _ => new MetricStore());
        services.AddSingleton<IngestQueue>(static _ => new IngestQueue());
        services.AddSingleton<ResourceNames>().AddSingleton<Changes>();
        services.AddSingleton<ResourceStore>().AddSingleton<ConsoleStore>(static services => new ConsoleStore(services.GetRequiredService<Changes>())).AddSingleton<ConsoleLines>();
        services.AddSingleton<ResourceClient>();
        services.AddHostedService(static services => services.GetRequiredService<ResourceClient>());
        services.AddSingleton<TelemetryWriter>();
        services.AddHostedService(static services => services.GetRequiredService<TelemetryWriter>());
    }
}
