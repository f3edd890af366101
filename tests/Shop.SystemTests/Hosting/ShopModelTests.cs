using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting;

namespace Shop.SystemTests.Hosting;

/// <summary>The shop's own model, as the build and AppHost.cs make it; nothing is started.</summary>
public sealed class ShopModelTests
{
    [Fact]
    public async Task The_model_has_every_service_with_its_database()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(TestContext.Current.CancellationToken);

        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal) { "redis", "postgres", "kafka", "ordersdb", "paymentsdb", "gamingdb", "notificationsdb", "webdb", "orders", "payments", "gaming", "notifications", "web" },
            builder.Resources.Select(static resource => resource.Name).ToHashSet(StringComparer.Ordinal));
        Assert.Equal(2, Replicas(builder, "orders"));
        Assert.Equal(2, Replicas(builder, "web"));
    }

    [Fact]
    public async Task Every_service_has_been_built_along_and_says_where_it_is_healthy()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(TestContext.Current.CancellationToken);

        Assert.All(builder.Resources.OfType<ProjectResource>(), static service =>
        {
            Assert.True(File.Exists(Assert.IsAssignableFrom<IBuiltProject>(service.Project).AssemblyPath));
            Assert.True(File.Exists(service.Project.ProjectPath));
            Assert.Equal("/health", Assert.Single(service.Annotations.OfType<HttpHealthAnnotation>()).Path);
            Assert.Single(service.Annotations.OfType<EndpointAnnotation>());
        });
    }

    [Fact]
    public async Task The_storefront_answers_on_port_8080()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(TestContext.Current.CancellationToken);
        var web = builder.CreateResourceBuilder<ProjectResource>("web").Resource;

        Assert.Equal(8080, Assert.Single(web.Annotations.OfType<EndpointAnnotation>()).Port);
        Assert.NotEmpty(web.Annotations.OfType<ExternalEndpointsAnnotation>());
    }

    [Theory]
    [InlineData("smtp://127.0.0.1:2525")]
    [InlineData(null)]
    public async Task A_mail_server_that_is_configured_is_handed_to_who_sends_mail_and_to_nobody_else(string? smtp)
    {
        string[] arguments = smtp is null ? [] : [$"--ConnectionStrings:smtp={smtp}"];
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(arguments, TestContext.Current.CancellationToken);

        foreach (var service in builder.Resources.OfType<ProjectResource>())
            Assert.Equal((service.Name, service.Name == "notifications" ? smtp : null), (service.Name, (await VariablesAsync(service)).GetValueOrDefault("ConnectionStrings__smtp")));
    }

    /// <summary>What a service is given, except by the servers, which do not run here.</summary>
    private static async Task<Dictionary<string, string>> VariablesAsync(ProjectResource service)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var annotation in service.Annotations.OfType<EnvironmentAnnotation>())
        {
            try
            {
                await annotation.ApplyAsync(variables, TestContext.Current.CancellationToken);
            }
            catch (DistributedApplicationException notRunning) when (notRunning.Message.Contains("connection string", StringComparison.Ordinal))
            {
                Assert.DoesNotContain("smtp", notRunning.Message, StringComparison.OrdinalIgnoreCase);
            }
        }

        return variables;
    }

    private static int Replicas(IDistributedApplicationBuilder builder, string name) =>
        Assert.Single(builder.CreateResourceBuilder<ProjectResource>(name).Resource.Annotations.OfType<ReplicaAnnotation>()).Replicas;
}
