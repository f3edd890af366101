using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace ServiceDefaults;

/// <summary>
/// Sends a share of the traces, and besides them every one that failed or was slow. That is known at its end only, so the spans
/// of a request wait until the first of them in this process, its local root, has ended: then all go or none. The share is
/// chosen by the trace id, so that all services choose the same traces; an error, though, is kept by the service that saw it
/// and those it called afterwards, since nobody tells the others. Off by default: see <see cref="Options"/>.
/// </summary>
internal sealed class TailSampling(TailSampling.Options options, BaseProcessor<Activity> export) : BaseProcessor<Activity>
{
    /// <summary>Requests at work whose spans are held; beyond it a span is decided upon by itself.</summary>
    private const int MaxHeld = 10_000;

    /// <summary>Spans held of one request: what comes after is decided upon by itself.</summary>
    private const int MaxSpans = 1_000;

    private readonly ConcurrentDictionary<ActivityTraceId, Held> _held = new();

    /// <summary>How to choose.</summary>
    /// <param name="Ratio">The share of ordinary traces to send, 0 to 1: <c>Shop:Telemetry:TraceRatio</c>. Unset or 1: everything is sent.</param>
    /// <param name="SlowAfter">From this duration of the local root on a trace counts as slow: <c>Shop:Telemetry:SlowAfter</c>, by default a second.</param>
    internal sealed record Options(double Ratio, TimeSpan SlowAfter)
    {
        /// <summary>Null when everything is to be sent.</summary>
        public static Options? From(IConfiguration configuration)
        {
            if (configuration["Shop:Telemetry:TraceRatio"] is not { Length: > 0 } text)
                return null;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) || ratio is not (>= 0 and <= 1))
                throw new InvalidOperationException($"Shop:Telemetry:TraceRatio is '{text}'; it must be a number from 0 (only errors and slow traces) to 1 (everything).");
            return ratio >= 1 ? null : new Options(ratio, configuration.GetValue("Shop:Telemetry:SlowAfter", TimeSpan.FromSeconds(1)));
        }
    }

    /// <summary>The exporter that <c>UseOtlpExporter</c> would have set up, from the same configuration.</summary>
    public static BatchActivityExportProcessor OtlpExport(IServiceProvider services) => new(
        new OtlpTraceExporter(services.GetRequiredService<IOptionsMonitor<OtlpExporterOptions>>().CurrentValue),
        scheduledDelayMilliseconds: services.GetRequiredService<IConfiguration>().GetValue("OTEL_BSP_SCHEDULE_DELAY", 5_000));

    public override void OnStart(Activity data)
    {
        if (data.Recorded && IsLocalRoot(data) && _held.Count < MaxHeld)
            _held.AddOrUpdate(data.TraceId, static _ => new Held(), static (_, held) => held.Enter());
    }

    public override void OnEnd(Activity data)
    {
        if (!data.Recorded)
            return;
        if (!_held.TryGetValue(data.TraceId, out var held) || !held.TryAdd(data))
        {
            if (IsChosen(data))
                export.OnEnd(data);
            return;
        }

        if (IsLocalRoot(data) && held.Leave() && _held.TryRemove(new(data.TraceId, held)))
            Decide(held.Close());
    }

    protected override bool OnForceFlush(int timeoutMilliseconds) => export.ForceFlush(timeoutMilliseconds);

    protected override bool OnShutdown(int timeoutMilliseconds)
    {
        foreach (var held in _held.Values)
            Decide(held.Close());
        return export.Shutdown(timeoutMilliseconds);
    }

    protected override void Dispose(bool disposing)
    {
        export.Dispose();
        base.Dispose(disposing);
    }

    private void Decide(List<Activity> spans)
    {
        if (!spans.Exists(IsChosen))
            return;
        foreach (var span in spans)
            export.OnEnd(span);
    }

    private bool IsChosen(Activity span) =>
        span.Status == ActivityStatusCode.Error || span.Duration >= options.SlowAfter || IsInShare(span.TraceId);

    /// <summary>The low 56 bits of a trace id are random: W3C's rule for choosing alike everywhere.</summary>
    private bool IsInShare(ActivityTraceId traceId) =>
        ulong.Parse(traceId.ToHexString().AsSpan(18), NumberStyles.HexNumber, CultureInfo.InvariantCulture) < options.Ratio * (1UL << 56);

    private static bool IsLocalRoot(Activity span) => span.HasRemoteParent || span.ParentSpanId == default;

    /// <summary>The spans of one trace in this process that have ended, while a local root is at work (several, when it comes back).</summary>
    private sealed class Held
    {
        private readonly List<Activity> _spans = [];
        private int _roots = 1;
        private bool _closed;

        public Held Enter()
        {
            lock (_spans)
                _roots++;
            return this;
        }

        public bool TryAdd(Activity span)
        {
            lock (_spans)
            {
                if (_closed || _spans.Count == MaxSpans)
                    return false;
                _spans.Add(span);
                return true;
            }
        }

        /// <summary>Whether the last root has ended.</summary>
        public bool Leave()
        {
            lock (_spans)
                return --_roots == 0;
        }

        public List<Activity> Close()
        {
            lock (_spans)
            {
                _closed = true;
                return _spans;
            }
        }
    }
}
