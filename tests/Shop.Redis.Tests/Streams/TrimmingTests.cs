using System.Globalization;
using Shop.Redis.Streams;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Streams;

public sealed class TrimmingTests(OwnRedis server) : IClassFixture<OwnRedis>
{
    private const int GroupPastGrace = 9;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_all_groups_have_acknowledged_is_trimmed_down_to_what_is_kept_for_people()
    {
        await using var rig = new StreamRig(server);
        rig.Start(options: Options("a", keep: 500));
        rig.Start(options: Options("b", keep: 500));

        await rig.AppendAsync(StreamRig.Numbers(0, 3000));
        await rig.SettledAsync("a");
        await rig.SettledAsync("b");

        var length = await Eventually.BecomesAsync(() => rig.Database.StreamLengthAsync(rig.Key), static length => length < 700, "the stream is trimmed");
        Assert.InRange(length, 500, 700);
    }

    [Fact]
    public async Task Trimming_never_removes_what_a_group_has_not_read_or_not_acknowledged()
    {
        await using var rig = new StreamRig(server);
        var gate = new TaskCompletionSource();
        var ids = await rig.AppendAsync(StreamRig.Numbers(0, 1000));
        await rig.Database.StreamCreateConsumerGroupAsync(rig.Key, "reads nothing yet", ids[399]);
        rig.Start(async (delivery, _) =>
        {
            if (StreamRig.Text(delivery) == "600")
                await gate.Task;
        }, Options("a", keep: 0));

        await Eventually.BecomesAsync(() => rig.Database.StreamLengthAsync(rig.Key), static length => length < 1000, "something is trimmed");
        await rig.HandledAsync(600);
        var left = (await rig.Database.StreamRangeAsync(rig.Key)).Select(static entry => entry["data"].ToString()).ToArray();
        Assert.Superset(StreamRig.Numbers(400, 600).ToHashSet(), left.ToHashSet());

        // The other group goes on; now the pending entry holds the rest.
        await rig.Database.ExecuteAsync("XGROUP", "SETID", rig.Key, "reads nothing yet", ids[^1]);
        await Eventually.BecomesAsync(() => rig.Database.StreamLengthAsync(rig.Key), static length => length < 590, "more is trimmed");
        left = (await rig.Database.StreamRangeAsync(rig.Key)).Select(static entry => entry["data"].ToString()).ToArray();
        Assert.Superset(StreamRig.Numbers(600, 400).ToHashSet(), left.ToHashSet());
        gate.SetResult();
        await rig.SettledAsync("a");
        Assert.Equal(StreamRig.Numbers(0, 1000), rig.HandledTexts);
    }

    [Fact]
    public async Task A_group_without_consumers_stops_holding_the_stream_after_its_grace_and_loudly()
    {
        await using var rig = new StreamRig(server);
        await rig.AppendAsync(StreamRig.Numbers(0, 1000));
        await rig.Database.StreamCreateConsumerGroupAsync(rig.Key, "abandoned, long ago", "0-0");

        rig.Start(options: Options("a", keep: 0, grace: TimeSpan.FromSeconds(1)));

        await Eventually.BecomesAsync(() => rig.Database.StreamLengthAsync(rig.Key), static length => length < 200, "the stream is trimmed");
        await rig.LoggedAsync(GroupPastGrace);
        var line = Assert.Single(rig.Logs, static line => line.Event.Id == GroupPastGrace);
        Assert.Contains("abandoned, long ago", line.Text, StringComparison.Ordinal);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Error, line.Level);
    }

    [Fact]
    public async Task Trimming_under_load_with_failing_handlers_loses_nothing()
    {
        await using var rig = new StreamRig(server);
        rig.Start(
            static async (delivery, _) =>
            {
                await Task.Yield();
                if (delivery.Attempt == 1 && int.Parse(StreamRig.Text(delivery), CultureInfo.InvariantCulture) % 50 == 0)
                    throw new InvalidOperationException("once");
            },
            Options("a", keep: 0));

        for (var i = 0; i < 20; i++)
            await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(i * 500, 500).Select(static n => StreamRig.Message(n, key: n[^1..]))], Ct);
        await rig.SettledAsync("a");

        Assert.Equal(10_000, rig.HandledTexts.Distinct().Count());
        Assert.Equal(10_000, rig.Handled.Count);
    }

    private static StreamConsumerGroupOptions Options(string group, int keep, TimeSpan? grace = null) => new()
    {
        Stream = StreamRig.Stream,
        Group = group,
        KeepEntries = keep,
        GroupGrace = grace ?? TimeSpan.FromHours(1),
        RetryBackoff = TimeSpan.FromMilliseconds(10),
        JanitorInterval = TimeSpan.FromMilliseconds(20),
    };
}
