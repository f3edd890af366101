using Shop.EmbeddedHosting.Processes;
using Shop.EmbeddedHosting.Servers;

namespace Shop.SystemTests.Hosting;

/// <summary>Each link of the chain by which the engine comes to its servers.</summary>
public sealed class ProvisioningTests : HostingTest
{
    private static readonly (string, string) Private = ("SHOP_PREFER_PRIVATE_COPY", "true");

    [Fact]
    public async Task A_connection_string_of_the_user_takes_the_place_of_a_server()
    {
        var redis = new RedisServer { DataFolder = TemporaryFolder.Create("redis"), Password = "mine" };
        await using var theirs = redis;
        await theirs.StartAsync(Cancellation);
        var postgres = new PostgresServer { DataFolder = TemporaryFolder.Create("postgres") };
        await using var theirsToo = postgres;
        await theirsToo.StartAsync(Cancellation);

        var appHost = StartProcess("--servers=true", "--ephemeral", $"--ConnectionStrings:redis={redis.ConnectionString}", $"--ConnectionStrings:postgres=Host=localhost;Port={postgres.Port};Username=postgres;Password={postgres.Password}");
        await appHost.SaysAsync("All healthy");

        Assert.DoesNotContain(appHost.Descendants(), static process => process.CommandLine.Contains("redis-server", StringComparison.Ordinal) || process.CommandLine.Contains("postgres -D", StringComparison.Ordinal));
        await using var connection = new Npgsql.NpgsqlConnection(postgres.ConnectionString("sampledb"));
        await connection.OpenAsync(Cancellation); // created there
    }

    [Fact]
    public async Task An_installed_program_is_found_on_the_path()
    {
        var folder = TemporaryFolder.Create("path");
        await File.WriteAllTextAsync(Path.Combine(folder, "redis-server"), "", Cancellation);

        var appHost = AppHostProcess.Run(["locate", "redis-server"], null, ("PATH", $"{folder}:{Environment.GetEnvironmentVariable("PATH")}"));
        await using var end = appHost;

        Assert.Equal(0, await appHost.ExitCodeAsync());
        Assert.Equal(Path.Combine(folder, "redis-server"), appHost.Output.Trim());
    }

    [Fact]
    public async Task Without_root_a_private_copy_is_fetched_and_runs()
    {
        var (user, home) = await AnotherUserAsync();

        var appHost = AppHostProcess.Run(["locate", "redis-server", "postgres"], user, Private, ("HOME", home), ("XDG_CACHE_HOME", ""));
        await using var end = appHost;

        Assert.True(await appHost.ExitCodeAsync() == 0, appHost.Output);
        Assert.Contains("fetching a private copy of the package 'redis-server'", appHost.Output, StringComparison.Ordinal);
        Assert.StartsWith("Redis server v=", await RunAsync(user, $"{home}/.cache/shop-embedded-hosting/redis/bin/redis-server", "--version"), StringComparison.Ordinal);
        var initialised = await RunAsync(user, $"{home}/.cache/shop-embedded-hosting/postgresql/bin/initdb", "-D", $"{home}/cluster", "--no-locale", "-E", "UTF8", "--no-sync");
        Assert.Contains("Success", initialised, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_processes_at_once_fetch_it_only_once()
    {
        var (user, home) = await AnotherUserAsync();

        var processes = Enumerable.Range(0, 3).Select(_ => AppHostProcess.Run(["locate", "redis-server"], user, Private, ("HOME", home), ("XDG_CACHE_HOME", ""))).ToList();
        foreach (var process in processes)
            Assert.True(await process.ExitCodeAsync() == 0, process.Output);

        Assert.Single(processes, static process => process.Output.Contains("fetching a private copy", StringComparison.Ordinal));
        Assert.All(processes, process => Assert.Contains($"{home}/.cache/shop-embedded-hosting/redis/bin/redis-server", process.Output, StringComparison.Ordinal));
        foreach (var process in processes)
            await process.DisposeAsync();
    }

    [Fact]
    public async Task An_interrupted_fetch_is_taken_up_again()
    {
        var (user, home) = await AnotherUserAsync();
        var interrupted = AppHostProcess.Run(["locate", "redis-server"], user, Private, ("HOME", home), ("XDG_CACHE_HOME", ""));
        await interrupted.SaysAsync("Downloading 'redis-server'");
        interrupted.Kill();
        await interrupted.ExitCodeAsync();
        Assert.False(Directory.Exists($"{home}/.cache/shop-embedded-hosting/redis"));

        var second = AppHostProcess.Run(["locate", "redis-server"], user, Private, ("HOME", home), ("XDG_CACHE_HOME", ""));
        await using var end = second;

        Assert.True(await second.ExitCodeAsync() == 0, second.Output);
        Assert.StartsWith("Redis server v=", await RunAsync(user, $"{home}/.cache/shop-embedded-hosting/redis/bin/redis-server", "--version"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_nothing_works_one_error_names_every_way_to_go_on()
    {
        var appHost = AppHostProcess.Run(["--servers=true", "--ephemeral", $"--sample-port={FreePort.Next()}"], null, Private, ("SHOP_CACHE_FOLDER", "/proc/nowhere"));
        await using var end = appHost;

        Assert.Equal(1, await appHost.ExitCodeAsync());
        foreach (var way in (string[])["'redis-server' was not found", "apt install redis-server", "on the PATH", "ConnectionStrings__redis=", "without root", "SHOP_CACHE_FOLDER"])
            Assert.Contains(way, appHost.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_root_PostgreSQL_runs_as_somebody_else_also_where_only_root_may_go()
    {
        Assert.SkipUnless(PosixSignals.RunningAsRoot && OperatingSystem.IsLinux(), "Only root has to step down.");
        var folder = Path.Combine(TemporaryFolder.Create("closed"), "data");
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var first = StartProcess("--servers=true", "--data-folder", folder);
        await first.SaysAsync("All healthy");
        Assert.All(first.Descendants().Where(static process => process.CommandLine.Contains("postgres", StringComparison.Ordinal)), static process => Assert.NotEqual("0", UserOf(process.Id)));
        await ServerData.WriteAsync(folder, first);
        Assert.Equal(0, await first.StopAsync());
        var cluster = new DirectoryInfo(Path.Combine(folder, "postgres")).LinkTarget;
        Assert.StartsWith("/var/lib/shop-embedded-hosting/", cluster, StringComparison.Ordinal);

        var second = StartProcess("--servers=true", "--data-folder", folder);
        await second.SaysAsync("All healthy");
        await ServerData.AssertKeptAsync(folder, second);
        Assert.Equal(0, await second.StopAsync());

        // Without the link, it starts afresh and throws the old cluster away.
        Directory.Delete(Path.Combine(folder, "postgres"));
        var third = StartProcess("--servers=true", "--data-folder", folder);
        await third.SaysAsync("All healthy");
        Assert.False(Directory.Exists(cluster));
        Assert.Equal(0, await third.StopAsync());
        Directory.Delete(Path.GetDirectoryName(new DirectoryInfo(Path.Combine(folder, "postgres")).LinkTarget!)!, recursive: true);
    }

    /// <summary>A user who is not root, with a home that is empty: nobody, when we are root, else ourselves.</summary>
    private static async Task<(string[] Prefix, string Home)> AnotherUserAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/apt-get"), "Only Debian and Ubuntu have the package manager that does this.");
        var home = TemporaryFolder.Create("home");
        if (!PosixSignals.RunningAsRoot)
            return ([], home);

        await Command.SucceedAsync(new("chown", ["nobody", home]), Cancellation);
        return (["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"], home);
    }

    private static Task<string> RunAsync(string[] prefix, params string[] command) =>
        ((string[])[.. prefix, .. command]) is [var program, .. var arguments] ? Command.SucceedAsync(new(program, arguments) { WorkingDirectory = "/" }, Cancellation) : throw new ArgumentException("No command.", nameof(command));

    private static string UserOf(int process) =>
        File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
}
