using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;

namespace Shop.SystemTests.Hosting;

public sealed class TestingBuilderTests : HostingTest
{
    [Fact]
    public async Task Two_applications_run_side_by_side_on_free_ports()
    {
        var first = await StartHealthyAsync();
        var second = await StartHealthyAsync();

        Assert.NotEqual(first.GetEndpoint("sample"), second.GetEndpoint("sample"));
        Assert.NotEqual(5190, first.GetEndpoint("sample").Port); // the launch profile's is for people
        using var client = second.CreateHttpClient("sample");
        Assert.StartsWith("sample-", await client.GetStringAsync("/who", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_model_can_be_changed_before_it_is_built()
    {
        var app = await StartHealthyAsync(static builder => Sample(builder).WithReplicas(1));

        Assert.Equal("sample", Assert.Single(app.Replicas("sample")).Name);
    }

    [Fact]
    public async Task Data_lives_in_a_temporary_folder_that_is_gone_after_the_test_although_the_model_wants_a_volume()
    {
        var app = await StartHealthyAsync(null, "--servers=true");
        var folder = app.Engine.LogFolder;
        Assert.StartsWith(Path.GetTempPath(), folder, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(folder, "..", "postgres")));

        await app.DisposeAsync();

        Assert.False(Directory.Exists(Path.GetDirectoryName(folder)));
    }

    [Fact]
    public async Task A_failing_test_can_read_what_every_process_said()
    {
        var app = await StartHealthyAsync(null, "--servers=true");

        var logs = app.ReadLogs();

        Assert.Equal(["postgres", "redis", "sample-0", "sample-1"], logs.Keys.Order());
        Assert.Contains("Now listening on", logs["sample-1"], StringComparison.Ordinal);
        Assert.Contains("Ready to accept connections", app.ReadLog("redis"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resource_that_the_model_does_not_have_is_named()
    {
        var app = await StartHealthyAsync();

        var error = await Assert.ThrowsAsync<ArgumentException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("smaple", Cancellation));
        Assert.Contains("'smaple'", error.Message, StringComparison.Ordinal);
        Assert.Contains("sample", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_builder_that_is_not_built_ends_with_its_test()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_SampleAppHost>(Cancellation);
        Assert.Contains(builder.Resources, static resource => resource is ProjectResource { Name: "sample" });

        await builder.DisposeAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => builder.BuildAsync(Cancellation));
    }
}
