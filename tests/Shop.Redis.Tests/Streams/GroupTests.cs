using Shop.Redis.Streams;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Streams;

public abstract class GroupTests(ITestRedis server)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_group_is_done_with_what_it_was_given_up_to_its_oldest_pending_entry()
    {
        await using var rig = new StreamRig(server);
        var groups = Groups(rig);
        Assert.Null(await groups.ProgressAsync(StreamRig.Stream, StreamRig.Group, Ct)); // no stream

        var ids = await rig.AppendAsync("one", "two", "three", "four");
        Assert.Null(await groups.ProgressAsync(StreamRig.Stream, StreamRig.Group, Ct)); // no group

        await rig.Database.StreamCreateConsumerGroupAsync(rig.Key, StreamRig.Group, "0-0");
        Assert.Equal([false, false, false, false], await DoneAsync());

        await rig.Database.StreamReadGroupAsync(rig.Key, StreamRig.Group, "one", ">", count: 3);
        Assert.Equal([false, false, false, false], await DoneAsync());

        // The third is handled, but behind a pending one: that is not told apart.
        await rig.Database.StreamAcknowledgeAsync(rig.Key, StreamRig.Group, [ids[0], ids[2]]);
        Assert.Equal([true, false, false, false], await DoneAsync());

        await rig.Database.StreamAcknowledgeAsync(rig.Key, StreamRig.Group, ids[1]);
        Assert.Equal([true, true, true, false], await DoneAsync());

        async Task<IEnumerable<bool>> DoneAsync() => ids.Select((await groups.ProgressAsync(StreamRig.Stream, StreamRig.Group, Ct))!.IsDoneWith);
    }

    [Fact]
    public async Task A_group_that_nobody_consumes_is_removed_with_all_that_was_kept_for_it()
    {
        await using var rig = new StreamRig(server);
        var consumer = rig.Start();
        await rig.AppendAsync("one");
        await rig.SettledAsync();
        await Eventually.TrueAsync(() => rig.Database.HashExistsAsync($"{rig.Key}:groups", StreamRig.Group), "a sign of life");

        Assert.Equal(GroupRemoval.Alive, await Groups(rig).RemoveAsync(StreamRig.Stream, StreamRig.Group, Minute, Ct));
        await rig.AppendAsync("two");
        await rig.HandledAsync(2);
        await consumer.StopAsync();

        // It was silent for a while.
        await rig.Database.HashSetAsync($"{rig.Key}:groups", StreamRig.Group, 1);
        Assert.Equal(GroupRemoval.Removed, await Groups(rig).RemoveAsync(StreamRig.Stream, StreamRig.Group, Minute, Ct));
        Assert.Equal(GroupRemoval.Missing, await Groups(rig).RemoveAsync(StreamRig.Stream, StreamRig.Group, Minute, Ct));
        Assert.Null(await rig.FactsAsync());
        Assert.False(await rig.Database.HashExistsAsync($"{rig.Key}:groups", StreamRig.Group));
        Assert.Equal(2, await rig.Database.StreamLengthAsync(rig.Key));
    }

    [Fact]
    public async Task A_group_that_never_showed_life_is_removed_and_a_stream_that_is_not_there_has_none()
    {
        await using var rig = new StreamRig(server);
        Assert.Equal(GroupRemoval.Missing, await Groups(rig).RemoveAsync(StreamRig.Stream, StreamRig.Group, Minute, Ct));
        await rig.Database.StreamCreateConsumerGroupAsync(rig.Key, StreamRig.Group, "0-0");

        Assert.Equal(GroupRemoval.Removed, await Groups(rig).RemoveAsync(StreamRig.Stream, StreamRig.Group, Minute, Ct));
    }

    private StreamGroups Groups(StreamRig rig) => new(server.Connection, rig.Prefix);
}

public sealed class GroupsOnOneServer(OwnRedis server) : GroupTests(server), IClassFixture<OwnRedis>;

public sealed class GroupsOnACluster(ClusterRedis server) : GroupTests(server);
