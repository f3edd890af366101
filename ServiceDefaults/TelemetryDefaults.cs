using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>Traces, metrics and logs, sent with OTLP to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> when that is set.</summary>
internal static class TelemetryDefaults
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // A line for every request, statement, connection and membership update would bury those that matter to somebody on call.
        // Configuration (Logging:LogLevel) still has the last word.
        foreach (var chatty in (string[])["Microsoft.AspNetCore", "Microsoft.Orleans", "Orleans", "Npgsql", "StackExchange.Redis", "MassTransit", "Polly", "System.Net.Http"])
            builder.Logging.AddFilter(chatty, LogLevel.Warning);
        builder.Logging.AddOpenTelemetry(static logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithTracing(static tracing => tracing
                .SetSampler(new ParentBasedSampler(new NoOrphanClientSpans()))
                .AddSource("Shop.*", "Microsoft.Orleans.Application", "MassTransit")
                .AddNpgsql()
                .AddAspNetCoreInstrumentation(static http => http.Filter = static context =>
                    !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
                    && !context.Request.Path.StartsWithSegments("/alive", StringComparison.Ordinal))
                .AddHttpClientInstrumentation())
            .WithMetrics(static metrics => metrics
                .AddMeter("Shop.*", "Microsoft.Orleans", "MassTransit", "Npgsql")
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation());

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.UseOtlpExporter();
    }

    /// <summary>
    /// A client span without a parent is a poll (the outbox sweep, a retention delete): nobody asked for it, so nobody reads it.
    /// Everything else is kept, and children follow their parents.
    /// </summary>
    private sealed class NoOrphanClientSpans : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            new(samplingParameters.Kind == System.Diagnostics.ActivityKind.Client ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);
    }
}
