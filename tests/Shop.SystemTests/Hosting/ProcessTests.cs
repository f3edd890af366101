using Shop.EmbeddedHosting.Processes;

namespace Shop.SystemTests.Hosting;

/// <summary>An AppHost as a process: what it leaves behind, however it ends.</summary>
public sealed class ProcessTests : HostingTest
{
    private static readonly Func<ProcessIdentity, bool> IsGuard = static process => process.CommandLine.Contains("shop-orphan-guard", StringComparison.Ordinal);

    [Fact]
    public async Task A_killed_AppHost_takes_its_children_their_children_and_its_temporary_data_along()
    {
        var appHost = StartProcess("--servers=true", "--ephemeral");
        await appHost.SaysAsync("All healthy");
        var family = appHost.Descendants();
        var data = appHost.Output.Split("Logs are also in ")[1].Split("/logs")[0];
        foreach (var expected in (string[])["redis-server", "postgres", "Shop.SampleService.dll", "sleep 1000", "shop-orphan-guard"])
            Assert.Contains(family, process => process.CommandLine.Contains(expected, StringComparison.Ordinal));
        Assert.True(Directory.Exists(data));

        appHost.Kill();

        await Eventually.TrueAsync(() => Task.FromResult(!family.Any(static process => process.IsAlive)), "the end of every descendant");
        await Eventually.TrueAsync(() => Task.FromResult(!Directory.Exists(data)), "the end of the temporary data");
    }

    [Fact]
    public async Task A_second_start_ends_what_a_first_left_behind_and_finds_its_data()
    {
        var folder = TemporaryFolder.Create("data");
        var first = StartProcess("--servers=true", "--data-folder", folder);
        await first.SaysAsync("All healthy");
        var family = first.Descendants();
        await ServerData.WriteAsync(folder, first);

        // Even the guard that ends the children of a killed AppHost is killed.
        first.Kill();
        foreach (var guard in family.Where(IsGuard))
            PosixSignals.Send(guard.Id, PosixSignals.Kill);
        PosixSignals.Send(first.Id, PosixSignals.Kill);

        var second = StartProcess("--servers=true", "--data-folder", folder);
        await second.SaysAsync("All healthy");

        Assert.DoesNotContain(family, static process => process.IsAlive);
        await ServerData.AssertKeptAsync(folder, second);
        Assert.Equal(0, await second.StopAsync());
    }

    [Fact]
    public async Task Data_survives_an_orderly_restart()
    {
        var folder = TemporaryFolder.Create("data");
        var first = StartProcess("--servers=true", "--data-folder", folder);
        await first.SaysAsync("All healthy");
        await ServerData.WriteAsync(folder, first);
        Assert.Equal(0, await first.StopAsync());

        var second = StartProcess("--servers=true", "--data-folder", folder);
        await second.SaysAsync("All healthy");

        await ServerData.AssertKeptAsync(folder, second);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "passwords.json")));
    }

    [Fact]
    public async Task Those_who_use_others_are_stopped_before_them()
    {
        var appHost = StartProcess("--servers=true", "--ephemeral");
        await appHost.SaysAsync("All healthy");
        var family = appHost.Descendants();

        Assert.Equal(0, await appHost.StopAsync());

        var output = appHost.Output;
        Assert.InRange(output.IndexOf("sample: exited", StringComparison.Ordinal), 0, output.IndexOf("redis: stopping", StringComparison.Ordinal));
        Assert.InRange(output.IndexOf("sample: exited", StringComparison.Ordinal), 0, output.IndexOf("postgres: stopping", StringComparison.Ordinal));
        Assert.Contains("Application is shutting down", output, StringComparison.Ordinal); // the service was asked, not killed
        Assert.Contains("database system is shut down", output, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(!family.Any(static process => process.IsAlive)), "the end of every descendant");
    }

    [Fact]
    public async Task Two_AppHosts_do_not_share_a_data_folder()
    {
        var folder = TemporaryFolder.Create("data");
        var first = StartProcess("--data-folder", folder);
        await first.SaysAsync("All healthy");

        var second = StartProcess("--data-folder", folder);

        Assert.Equal(1, await second.ExitCodeAsync());
        Assert.Contains($"Another AppHost (process {first.Id}) is using the data folder {folder}", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_named_with_who_wants_it_who_has_it_and_how_to_choose_another()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;

        var appHost = StartProcess("--ephemeral", $"--sample-port={port}");

        Assert.Equal(1, await appHost.ExitCodeAsync());
        Assert.Contains($"Port {port}, which 'sample' is to answer on, is taken by process {Environment.ProcessId} (", appHost.Output, StringComparison.Ordinal);
        Assert.Contains("--sample-port", appHost.Output, StringComparison.Ordinal);
        Assert.Contains("SHOP_SAMPLE_PORT", appHost.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_names_who_speaks_and_lists_the_resources_without_colours_in_a_file()
    {
        var appHost = StartProcess("--servers=true", "--ephemeral");
        await appHost.SaysAsync("All healthy");
        await appHost.SaysAsync("http://localhost:");

        Assert.Matches("(?m)^sample-0 +\\| info: Microsoft.Hosting.Lifetime\\[\\d+\\] Now listening on", appHost.Output);
        Assert.Matches("(?m)^  sample +project +healthy +2/2 +http://localhost:\\d+$", appHost.Output);
        Assert.Matches("(?m)^  sampledb +database +healthy$", appHost.Output);
        Assert.DoesNotContain("\e[", appHost.Output, StringComparison.Ordinal);
    }
}
