using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Shop.SystemTests.Hosting;

public sealed class WaitTests : HostingTest
{
    [Fact]
    public async Task A_service_starts_when_what_it_waits_for_is_healthy()
    {
        var readyFile = Path.Combine(TemporaryFolder.Create("ready"), "ready");
        var app = await StartAsync(builder => Sample(builder).WaitFor(
            builder.AddProject<Projects.Shop_SampleService>("first").WithHttpHealthCheck("/health").WithEnvironment("SAMPLE_READY_FILE", readyFile)));

        await app.ResourceNotifications.WaitForResourceAsync("first", KnownResourceStates.Starting, Cancellation);
        await app.ResourceNotifications.WaitForResourceAsync("sample", KnownResourceStates.Waiting, Cancellation);
        await File.WriteAllTextAsync(readyFile, "", Cancellation);

        await app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation);
    }

    [Fact]
    public async Task A_service_starts_when_a_job_has_finished()
    {
        var file = Path.Combine(TemporaryFolder.Create("job"), "done");
        var app = await StartHealthyAsync(builder => Sample(builder).WaitForCompletion(builder.AddExecutable("job", "touch", ".", file)));

        Assert.True(File.Exists(file));
        await app.ResourceNotifications.WaitForResourceAsync("job", KnownResourceStates.Finished, Cancellation);
    }

    [Fact]
    public async Task What_waits_for_a_job_that_fails_is_not_started_and_says_why()
    {
        var app = await StartAsync(builder => Sample(builder).WaitForCompletion(builder.AddExecutable("job", "sh", ".").WithArgs("-c", "exit 4")));

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation));
        Assert.Contains("'job' ended with exit code 4 instead of 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_for_a_service_that_cannot_start_says_why()
    {
        var app = await StartAsync(builder => Sample(builder).WaitFor(builder.AddExecutable("broken", "/no/such/program", "/")));

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation));
        Assert.Contains("'broken'", error.Message, StringComparison.Ordinal);
    }
}
