using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>
/// Traces, metrics and logs, sent with OTLP to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>. When that is not set nobody listens:
/// neither spans nor metrics are made. Every trace is sent, unless <see cref="TailSampling.Options"/> say otherwise.
/// </summary>
internal static class TelemetryDefaults
{
    /// <summary>
    /// Seconds, from a millisecond to a minute: OpenTelemetry's own bounds are made for milliseconds, and would put every lock
    /// wait and every payment into one bucket. An instrument that brings its own advice keeps it.
    /// </summary>
    private static readonly double[] SecondsBounds = [.001, .0025, .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 30, 60];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // A line for every request, statement, connection and membership update would bury those that matter to somebody on call.
        // Configuration (Logging:LogLevel) still has the last word.
        foreach (var chatty in (string[])["Microsoft.AspNetCore", "Microsoft.Orleans", "Orleans", "Npgsql", "StackExchange.Redis", "MassTransit", "Polly", "System.Net.Http"])
            builder.Logging.AddFilter(chatty, LogLevel.Warning);
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;

        builder.Logging.AddOpenTelemetry(static logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithTracing(static tracing => tracing
                .SetSampler(new NoNoise())
                .AddSource("Shop.*", "Microsoft.Orleans.Application", "MassTransit")
                .AddNpgsql()
                .AddAspNetCoreInstrumentation(static http => http.Filter = static context =>
                    !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
                    && !context.Request.Path.StartsWithSegments("/alive", StringComparison.Ordinal))
                .AddHttpClientInstrumentation()
                .AddProcessor(new MassTransitSpans()))
            .WithMetrics(static metrics => metrics
                .AddMeter("Shop.*", "Microsoft.Orleans", "MassTransit", "Npgsql")
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddView(InSeconds)
                .SetExemplarFilter(ExemplarFilterType.TraceBased)); // a slow point of a chart names a trace to look at

        if (TailSampling.Options.From(builder.Configuration) is { } sampling)
        {
            telemetry.WithTracing(tracing => tracing.AddProcessor(services => new TailSampling(sampling, TailSampling.OtlpExport(services))))
                .WithMetrics(static metrics => metrics.AddOtlpExporter())
                .WithLogging(static logging => logging.AddOtlpExporter());
        }
        else
        {
            telemetry.UseOtlpExporter();
        }
    }

    private static ExplicitBucketHistogramConfiguration? InSeconds(Instrument instrument) =>
        instrument is Histogram<double> { Unit: "s", Advice: null } ? new ExplicitBucketHistogramConfiguration { Boundaries = SecondsBounds } : null;

    /// <summary>
    /// Leaves out what nobody reads. A client span without a parent is a poll (the outbox sweep, a retention delete): nobody asked
    /// for it. MassTransit's "receive" lies exactly over the stream engine's own span. Everything else is kept, and children of a
    /// caller in another process follow its decision.
    /// </summary>
    private sealed class NoNoise : Sampler
    {
        private static readonly ParentBasedSampler Parent = new(new AlwaysOnSampler());

        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
        {
            var isPoll = samplingParameters.Kind == ActivityKind.Client && samplingParameters.ParentContext.TraceId == default;
            var isReceive = samplingParameters.Kind == ActivityKind.Consumer && samplingParameters.Name.EndsWith(" receive", StringComparison.Ordinal);
            return isPoll || isReceive ? new SamplingResult(SamplingDecision.Drop) : Parent.ShouldSample(samplingParameters);
        }
    }
}
