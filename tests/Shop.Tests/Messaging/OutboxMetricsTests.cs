using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Shop.Messaging;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed class OutboxMetricsTests(Servers servers)
{
    [Fact]
    public async Task An_operator_sees_which_way_events_went_and_what_waits()
    {
        var stream = $"measured-{Guid.CreateVersion7():N}";
        var paths = new ConcurrentDictionary<string, long>();
        var gauges = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == MessagingTelemetry.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            if (instrument.Name == "shop.outbox.published" && (string?)named["messaging.destination.name"] == stream)
                paths.AddOrUpdate((string)named["shop.outbox.path"]!, value, (_, sum) => sum + value);
            else if (instrument.Name == "shop.outbox.backlog")
                gauges[instrument.Name] = value;
        });
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => gauges[instrument.Name] = value);
        listener.Start();
        await using var host = await MessagingHost.StartAsync(servers, sweepAfterSeconds: 1);

        await WriteAsync(new Outbox(host.Database, new OutboxOptions().Events(TestEventsJson.Default)), "a");
        await Eventually.TrueAsync(() => Task.FromResult(paths.ContainsKey("swept")), "a swept event");
        await WriteAsync(host.Outbox, "b");
        await Eventually.TrueAsync(() => Task.FromResult(paths.ContainsKey("fast")), "an event on the fast path");
        listener.RecordObservableInstruments();

        Assert.Contains("shop.outbox.backlog", gauges.Keys);
        Assert.Contains("shop.outbox.oldest_age", gauges.Keys);

        async Task WriteAsync(Outbox outbox, string key)
        {
            await using var transaction = await outbox.BeginAsync();
            transaction.Enqueue(stream, key, new Counted(key, 1));
            await transaction.CommitAsync();
        }
    }

    [Theory]
    [InlineData("SweepBatch", 0)]
    [InlineData("FastPathCapacity", 0)]
    public void An_option_out_of_range_is_named_with_its_value(string name, int value)
    {
        var options = new OutboxOptions();
        typeof(OutboxOptions).GetProperty(name)!.SetValue(options, value);

        Assert.Contains($"OutboxOptions.{name} is {value}", options.Validate(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_both_named_with_their_values()
    {
        var options = new OutboxOptions { Retention = TimeSpan.FromDays(10), InboxRetention = TimeSpan.FromDays(7) };

        Assert.Contains("InboxRetention is 7.00:00:00, shorter than Retention, 10.00:00:00", options.Validate(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_are_valid() => Assert.Null(new OutboxOptions().Validate());
}
