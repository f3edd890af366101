using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Trace;
using ServiceDefaults;
using Xunit;

namespace Shop.Tests.Defaults;

public sealed class TailSamplingTests : IDisposable
{
    private readonly string _name = $"test.{Guid.CreateVersion7():N}";
    private readonly ActivitySource _source;
    private readonly List<Activity> _sent = [];

    public TailSamplingTests() => _source = new ActivitySource(_name);

    public void Dispose() => _source.Dispose();

    [Fact]
    public void An_ordinary_trace_outside_of_the_share_is_not_sent()
    {
        using (Tracing(ratio: 0))
            Request();

        Assert.Empty(_sent);
    }

    [Fact]
    public void A_trace_in_which_anything_failed_is_sent_whole()
    {
        using (Tracing(ratio: 0))
            Request(child => child.SetStatus(ActivityStatusCode.Error));

        Assert.Equal(["child", "request"], _sent.Select(span => span.DisplayName));
    }

    [Fact]
    public void A_slow_trace_is_sent_whole()
    {
        using (Tracing(ratio: 0))
            Request(child => child.SetEndTime(child.StartTimeUtc.AddSeconds(2)));

        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void Of_ordinary_traces_the_share_is_sent_and_every_service_chooses_the_same()
    {
        using (Tracing(ratio: 0.5))
        {
            for (var i = 0; i < 400; i++)
                Request();
        }

        var first = _sent.Select(span => span.TraceId).Distinct().ToList();
        Assert.InRange(first.Count, 120, 280);
        Assert.Equal(2 * first.Count, _sent.Count);

        _sent.Clear();
        using (Tracing(ratio: 0.5))
        {
            foreach (var trace in first)
                Continue(trace);
        }

        Assert.Equal(first, _sent.Select(span => span.TraceId));
    }

    [Fact]
    public void What_goes_on_after_the_request_has_ended_is_decided_upon_by_itself()
    {
        using (Tracing(ratio: 0))
        {
            var request = _source.StartActivity("request")!;
            var late = _source.StartActivity("late")!;
            request.Dispose();
            late.SetStatus(ActivityStatusCode.Error).Dispose();
        }

        Assert.Equal(["late"], _sent.Select(span => span.DisplayName));
    }

    [Fact]
    public void Requests_that_have_not_ended_at_shutdown_are_not_lost_when_they_failed()
    {
        Activity? request;
        using (Tracing(ratio: 0))
        {
            request = _source.StartActivity("request")!;
            _source.StartActivity("child")!.SetStatus(ActivityStatusCode.Error).Dispose();
        }

        Assert.Equal(["child"], _sent.Select(span => span.DisplayName));
        request.Dispose();
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("1", false)]
    [InlineData("0", true)]
    [InlineData("0.1", true)]
    public void It_is_off_unless_a_share_is_named(string? ratio, bool on) =>
        Assert.Equal(on, TailSampling.Options.From(new ConfigurationBuilder().AddInMemoryCollection([new("Shop:Telemetry:TraceRatio", ratio)]).Build()) is not null);

    [Fact]
    public void A_share_that_is_none_is_refused_by_its_value() =>
        Assert.Contains("'many'", Assert.Throws<InvalidOperationException>(() => TailSampling.Options.From(new ConfigurationBuilder().AddInMemoryCollection([new("Shop:Telemetry:TraceRatio", "many")]).Build())).Message, StringComparison.Ordinal);

    private void Request(Action<Activity>? happens = null)
    {
        using var request = _source.StartActivity("request", ActivityKind.Server)!;
        using var child = _source.StartActivity("child")!;
        happens?.Invoke(child);
    }

    private void Continue(ActivityTraceId trace) =>
        _source.StartActivity("elsewhere", ActivityKind.Server, new ActivityContext(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true))!.Dispose();

    private TracerProvider Tracing(double ratio) =>
        Sdk.CreateTracerProviderBuilder().AddSource(_name).SetSampler(new AlwaysOnSampler())
            .AddProcessor(new TailSampling(new TailSampling.Options(ratio, TimeSpan.FromSeconds(1)), new Sent(_sent))).Build();

    private sealed class Sent(List<Activity> sent) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => sent.Add(data);
    }
}
