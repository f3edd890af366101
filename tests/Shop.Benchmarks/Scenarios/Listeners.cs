using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Benchmarks.Scenarios;

/// <summary>
/// Telemetry as a service has it: every instrument of Shop.Redis is listened to, and one trace in a hundred is sampled (the others
/// get the span without data that OpenTelemetry's ratio sampler gives them).
/// </summary>
internal sealed class Listeners : IDisposable
{
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _spans;
    private long _measured;

    public Listeners()
    {
        _meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Shop.Redis", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((_, _, _, _) => _measured++);
        _meters.SetMeasurementEventCallback<double>((_, _, _, _) => _measured++);
        _meters.Start();
        _spans = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("Shop.Redis", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                options.TraceId.GetHashCode() % 100 == 0 ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData,
        };
        ActivitySource.AddActivityListener(_spans);
    }

    public long Measured => _measured;

    public void Dispose()
    {
        _spans.Dispose();
        _meters.Dispose();
    }
}
