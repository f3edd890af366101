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
            new HashSet<string>(StringComparer.Ordinal) { "redis", "postgres", "ordersdb", "paymentsdb", "gamingdb", "notificationsdb", "orders", "payments", "gaming", "notifications", "web" },
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

    private static int Replicas(IDistributedApplicationBuilder builder, string name) =>
        Assert.Single(builder.CreateResourceBuilder<ProjectResource>(name).Resource.Annotations.OfType<ReplicaAnnotation>()).Replicas;
}
