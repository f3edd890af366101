using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Shop.Tests.Notifications.Chat;

/// <summary>What a meter counts of one room. The meters are the process's: a test tells its own by the room.</summary>
internal sealed class RoomCounts : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly MeterListener _listener;

    public RoomCounts(string meter, string room)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == meter)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => tag.Value?.ToString(), StringComparer.Ordinal);
            if (all["shop.chat.room"] == room)
                _counts.AddOrUpdate(string.Join(' ', [instrument.Name, .. all.Where(static tag => tag.Key != "shop.chat.room").Select(static tag => tag.Value)]), value, (_, count) => count + value);
        });
        _listener.Start();
    }

    /// <summary>Each counter with its further tags, in ordinal order.</summary>
    public IReadOnlyList<(string Counter, long Count)> All => [.. _counts.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => (pair.Key, pair.Value))];

    public void Dispose() => _listener.Dispose();
}
