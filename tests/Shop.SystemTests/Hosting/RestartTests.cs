using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;

namespace Shop.SystemTests.Hosting;

public sealed class RestartTests : HostingTest
{
    [Fact]
    public async Task A_killed_replica_is_started_again_on_its_old_address()
    {
        var app = await StartHealthyAsync();
        var replica = app.Replica("sample", 1);
        var (process, address) = (replica.ProcessId, replica.Address);

        await replica.KillAsync();
        await replica.WaitUntilHealthyAsync(Cancellation);

        Assert.NotEqual(process, replica.ProcessId);
        Assert.Equal(address, replica.Address);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation);
    }

    [Fact]
    public async Task Users_do_not_notice_a_killed_replica()
    {
        var app = await StartHealthyAsync();
        using var client = app.CreateHttpClient("sample");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var users = Enumerable.Range(0, 4).Select(async _ =>
        {
            var answers = 0;
            for (; !enough.IsCancellationRequested; answers++)
                await client.GetStringAsync("/who", Cancellation); // throws when it is not answered
            return answers;
        }).ToList();

        for (var i = 0; i < 2; i++)
        {
            await app.Replica("sample", i).KillAsync();
            await app.Replica("sample", i).WaitUntilHealthyAsync(Cancellation);
        }

        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(users), static answers => Assert.True(answers > 0));
    }

    [Fact]
    public async Task A_service_that_always_crashes_is_given_up_with_its_last_words()
    {
        var app = await StartAsync(static builder => Sample(builder).WithReplicas(1).WithEnvironment("SAMPLE_CRASH", "the disk is made of cheese"));

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation));

        Assert.Contains("exit code 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("the disk is made of cheese", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, app.ReadLog("sample").Split("the disk is made of cheese").Length - 1);
    }

    [Fact]
    public async Task A_killed_server_is_started_again_on_its_port_and_data()
    {
        var app = await StartHealthyAsync(null, "--servers=true");
        await using var redis = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync((await app.GetConnectionStringAsync("redis", Cancellation))!);
        await redis.GetDatabase().StringSetAsync("kept", "yes");
        var (process, port) = (app.Server("redis").ProcessId, app.Server("redis").Port);

        await app.Server("redis").KillAsync();

        await Eventually.TrueAsync(async () => await TryGetAsync(redis, "kept") == "yes", "the key from before the crash");
        Assert.NotEqual(process, app.Server("redis").ProcessId);
        Assert.Equal(port, app.Server("redis").Port);
    }

    [Fact]
    public async Task A_server_that_was_stopped_stays_down_until_it_is_started()
    {
        var app = await StartHealthyAsync(null, "--servers=true");
        var postgres = app.Server("postgres");

        await postgres.StopAsync();
        await app.ResourceNotifications.WaitForResourceAsync("postgres", KnownResourceStates.Exited, Cancellation);
        Assert.Throws<InvalidOperationException>(() => postgres.ProcessId);
        await postgres.StartAsync(Cancellation);

        await using var connection = new Npgsql.NpgsqlConnection(await app.GetConnectionStringAsync("sampledb", Cancellation));
        await connection.OpenAsync(Cancellation);
    }

    private static async Task<string?> TryGetAsync(StackExchange.Redis.ConnectionMultiplexer redis, string key)
    {
        try
        {
            return await redis.GetDatabase().StringGetAsync(key);
        }
        catch (StackExchange.Redis.RedisException)
        {
            return null; // it is not back yet
        }
    }
}
