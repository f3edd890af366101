using Shop.EmbeddedHosting.Servers;
using Shop.Redis.Live;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Live;

/// <summary>Durable logs against a server of their own, which is wiped, killed, paused and cut off.</summary>
public sealed class LiveFaultTests : IAsyncLifetime
{
    private readonly string _prefix = RedisFixture.NewPrefix();
    private readonly Ledger _ledger = new();
    private RedisServer _server = null!;
    private ConnectionMultiplexer _writing = null!;
    private ConnectionMultiplexer _reading = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IServer Admin => _writing.GetServers()[0];

    public async ValueTask InitializeAsync()
    {
        _server = await RedisFixture.StartServerAsync();
        _writing = await RedisFixture.ConnectAsync(_server);
        var options = ConfigurationOptions.Parse(_server.ConnectionString);
        options.ClientName = "readers";
        options.AbortOnConnectFail = false;
        options.ReconnectRetryPolicy = new LinearRetry(50);
        _reading = await ConnectionMultiplexer.ConnectAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        await _reading.DisposeAsync();
        await _writing.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_wipe_at_any_moment_costs_no_reader_anything()
    {
        await using var from0 = Reader();
        var writing = WriteAsync(items: 600, Ct);
        var readers = new List<Listener>();
        try
        {
            for (var wipe = 1; wipe <= 10; wipe++)
            {
                var next = wipe * 50;
                await Eventually.TrueAsync(() => Task.FromResult(_ledger.Commits >= next), "more appends");
                readers.Add(Reader(LiveCursor.From(wipe * 10)));
                await Admin.FlushAllDatabasesAsync();
            }

            await writing;
            foreach (var reader in readers.Append(from0))
                await reader.HasAllUntilAsync(600);
        }
        finally
        {
            foreach (var reader in readers)
                await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_killed_subscription_connection_costs_no_reader_anything()
    {
        await using var first = Reader();
        await using var second = Reader();
        var writing = WriteAsync(items: 600, Ct);
        for (var kill = 1; kill <= 5; kill++)
        {
            var next = kill * 100;
            await Eventually.TrueAsync(() => Task.FromResult(_ledger.Commits >= next), "more appends");
            await KillSubscribersAsync();
        }

        await writing;
        await first.HasAllUntilAsync(600);
        await second.HasAllUntilAsync(600);

        // Pushes arrive again: nothing else would bring this one before the re-check in ten minutes.
        await WriteAsync(items: 1, Ct);
        await first.HasAllUntilAsync(601);
    }

    [Fact]
    public async Task An_append_that_was_missed_while_the_connection_was_away_is_found_when_it_is_back()
    {
        await using var reader = Reader();
        await WriteAsync(3, Ct);
        await reader.HasAllUntilAsync(3);
        _ledger.Commit(); // its append never comes
        await KillSubscribersAsync();
        await reader.HasAllUntilAsync(4);
    }

    [Fact]
    public async Task A_restart_of_the_server_costs_no_reader_anything()
    {
        await using var reader = Reader();
        var writing = WriteAsync(items: 400, Ct);
        await Eventually.TrueAsync(() => Task.FromResult(_ledger.Commits >= 100), "some appends");
        await _server.KillAsync();
        await Eventually.TrueAsync(() => Task.FromResult(_ledger.Commits >= 110), "commits without Redis", TimeSpan.FromSeconds(60));
        await _server.StartAsync(Ct);
        await writing;
        await reader.HasAllUntilAsync(400);
    }

    [Fact]
    public async Task A_reader_that_joins_while_Redis_is_away_is_served_from_the_history_and_goes_live_when_it_is_back()
    {
        await WriteAsync(5, Ct);
        await _server.KillAsync();
        await using var reader = Reader();
        await reader.HasAllUntilAsync(5);
        _ledger.Commit();
        await reader.HasAllUntilAsync(6);
        await _server.StartAsync(Ct);
        await Eventually.TrueAsync(async () => await SubscribersAsync() == 1, "the reader's subscription");
        await WriteAsync(2, Ct);
        await reader.HasAllUntilAsync(8);
    }

    [Fact]
    public async Task Cancellation_ends_a_reader_at_once_even_while_Redis_does_not_answer()
    {
        using var stop = new CancellationTokenSource();
        var log = new LiveLog<Note>(_reading, _prefix, LiveBench.Options());
        await log.AppendAsync("feed:alice", new Note(1, "one"), Ct);
        _server.Pause();
        try
        {
            var reading = Task.Run(async () =>
            {
                await foreach (var item in log.ReadAsync("feed:alice", LiveCursor.Start, stop.Token))
                    Assert.Fail($"{item} from a server that is paused");
            }, Ct);
            await stop.CancelAsync();
            // Well below the five seconds after which the client gives up by itself.
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(4), Ct));
        }
        finally
        {
            _server.Resume();
        }
    }

    [Fact]
    public async Task Readers_of_one_log_share_one_subscription_which_ends_with_the_last()
    {
        var log = new LiveLog<Note>(_reading, _prefix, LiveBench.Options(), _ledger);
        await WriteAsync(1, Ct);
        var first = new Listener(log, "feed:alice");
        var second = new Listener(log, "feed:alice");
        await first.HasAllUntilAsync(1);
        await second.HasAllUntilAsync(1);
        Assert.Equal(1, await SubscribersAsync());

        await first.DisposeAsync();
        await WriteAsync(1, Ct);
        await second.HasAllUntilAsync(2);
        Assert.Equal(1, await SubscribersAsync());

        await second.DisposeAsync();
        await Eventually.TrueAsync(async () => await SubscribersAsync() == 0, "the end of the subscription");

        await using var third = new Listener(log, "feed:alice");
        await third.HasAllUntilAsync(2);
        await WriteAsync(1, Ct);
        await third.HasAllUntilAsync(3);
    }

    [Fact]
    public async Task Readers_that_come_and_go_all_the_time_never_leave_one_deaf()
    {
        var log = new LiveLog<Note>(_reading, _prefix, LiveBench.Options(), _ledger);
        for (var round = 1; round <= 100; round++)
        {
            var first = (round - 1) * 3;
            var leaving = new Listener(log, "feed:alice", LiveCursor.From(first)).DisposeAsync();
            await using var staying = new Listener(log, "feed:alice", LiveCursor.From(first));
            await leaving;
            for (var item = 1; item <= 3; item++)
            {
                // The first may come from the stream and the second from the history, at the end of the join; the third is pushed.
                await WriteAsync(1, Ct);
                await staying.HasAllUntilAsync(first + item);
            }
        }
    }

    private Listener Reader(LiveCursor after = default) =>
        new(new LiveLog<Note>(_reading, _prefix, LiveBench.Options(maxLength: 100, buffer: 16, page: 10), _ledger), "feed:alice", after);

    // As a service does: the commit counts, an append that fails is left at that.
    private async Task WriteAsync(int items, CancellationToken ct)
    {
        var log = new LiveLog<Note>(_writing, _prefix, LiveBench.Options(maxLength: 100));
        for (var i = 0; i < items; i++)
        {
            var note = _ledger.Commit();
            try
            {
                await log.AppendAsync("feed:alice", note.Number, note, ct).WaitAsync(TimeSpan.FromMilliseconds(500), ct);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // readers find it in the history
            }
        }
    }

    private async Task<long> SubscribersAsync() =>
        (long)(await _writing.GetDatabase().ExecuteAsync("PUBSUB", "NUMSUB", $"{_prefix}live:{{feed:alice}}:push"))[1];

    // Every connection of the readers' client: which one carries the pushes depends on the protocol.
    private async Task KillSubscribersAsync()
    {
        foreach (var client in (await Admin.ClientListAsync()).Where(static client => client.Name == "readers"))
            await Admin.ClientKillAsync(client.Id);
    }
}
