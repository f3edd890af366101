using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;

namespace Shop.SystemTests.Hosting;

/// <summary>A service finds in its environment what it would find under Aspire.</summary>
public sealed class EnvironmentTests : HostingTest
{
    [Fact]
    public async Task A_silo_finds_its_servers_its_cluster_and_its_own_ports()
    {
        var app = await StartHealthyAsync(
            builder => Sample(builder)
                .WithReference(builder.AddOrleans("cluster").WithClusterId("one").WithServiceId("two").WithClustering(builder.CreateResourceBuilder<RedisResource>("redis")))
                .WithReference(Sample(builder)),
            "--servers=true");
        var redis = (await app.GetConnectionStringAsync("redis", Cancellation))!;
        var database = new Npgsql.NpgsqlConnectionStringBuilder(await app.GetConnectionStringAsync("sampledb", Cancellation));
        var variables = await EnvironmentAsync(app);

        var (redisPort, redisPassword) = (redis.Split(':', ',')[1], redis.Split("password=")[1]);
        Assert.Equal($"localhost:{redisPort},password={redisPassword}", variables["ConnectionStrings__redis"]);
        Assert.Equal("localhost", variables["REDIS_HOST"]);
        Assert.Equal(redisPort, variables["REDIS_PORT"]);
        Assert.Equal(redisPassword, variables["REDIS_PASSWORD"]);
        Assert.Equal($"redis://:{redisPassword}@localhost:{redisPort}", variables["REDIS_URI"]);

        Assert.Equal($"Host=localhost;Port={database.Port};Username=postgres;Password={database.Password};Database=sampledb", variables["ConnectionStrings__sampledb"]);
        Assert.Equal("localhost", variables["SAMPLEDB_HOST"]);
        Assert.Equal($"{database.Port}", variables["SAMPLEDB_PORT"]);
        Assert.Equal("postgres", variables["SAMPLEDB_USERNAME"]);
        Assert.Equal(database.Password, variables["SAMPLEDB_PASSWORD"]);
        Assert.Equal("sampledb", variables["SAMPLEDB_DATABASENAME"]);
        Assert.Equal($"postgresql://postgres:{database.Password}@localhost:{database.Port}/sampledb", variables["SAMPLEDB_URI"]);

        Assert.Equal("one", variables["Orleans__ClusterId"]);
        Assert.Equal("two", variables["Orleans__ServiceId"]);
        Assert.Equal("true", variables["Orleans__EnableDistributedTracing"]);
        Assert.Equal("Redis", variables["Orleans__Clustering__ProviderType"]);
        Assert.Equal("redis", variables["Orleans__Clustering__ServiceKey"]);
        Assert.Equal("127.0.0.1", variables["Orleans__Endpoints__AdvertisedIPAddress"]);
        Assert.NotEqual(variables["Orleans__Endpoints__SiloPort"], variables["Orleans__Endpoints__GatewayPort"]);

        var self = app.GetEndpoint("sample").ToString().TrimEnd('/');
        Assert.Equal(self, variables["services__sample__http__0"]);
        Assert.Equal(self, variables["SAMPLE_HTTP"]);

        Assert.Equal("sample", variables["OTEL_SERVICE_NAME"]);
        Assert.Matches("^service.instance.id=sample-[01]$", variables["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal("1000", variables["OTEL_BSP_SCHEDULE_DELAY"]);
        Assert.Equal("1000", variables["OTEL_BLRP_SCHEDULE_DELAY"]);
        Assert.Equal("1000", variables["OTEL_METRIC_EXPORT_INTERVAL"]);
        Assert.Equal("Development", variables["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("http", variables["DOTNET_LAUNCH_PROFILE"]);
        Assert.Matches(@"^http://localhost:\d+$", variables["ASPNETCORE_URLS"]);
        Assert.NotEqual(self, variables["ASPNETCORE_URLS"]);
    }

    [Fact]
    public async Task A_client_of_the_cluster_gets_no_silo_ports()
    {
        var app = await StartHealthyAsync(
            builder =>
            {
                var cluster = builder.AddOrleans("cluster").WithClustering(builder.CreateResourceBuilder<RedisResource>("redis")).WithReminders(builder.CreateResourceBuilder<RedisResource>("redis"));
                Sample(builder).WithReference(cluster.AsClient());
            },
            "--servers=true");
        var variables = await EnvironmentAsync(app);

        Assert.Equal("cluster", variables["Orleans__ClusterId"]);
        Assert.Equal("redis", variables["Orleans__Clustering__ServiceKey"]);
        Assert.DoesNotContain(variables.Keys, static name => name.StartsWith("Orleans__Endpoints", StringComparison.Ordinal) || name.StartsWith("Orleans__Reminders", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_replica_has_a_silo_of_its_own()
    {
        var app = await StartHealthyAsync(
            builder => Sample(builder).WithReference(builder.AddOrleans("cluster").WithClustering(builder.CreateResourceBuilder<RedisResource>("redis")).WithGrainStorage("state", builder.CreateResourceBuilder<RedisResource>("redis"))),
            "--servers=true");
        using var first = new HttpClient { BaseAddress = app.Replica("sample", 0).Address };
        using var second = new HttpClient { BaseAddress = app.Replica("sample", 1).Address };
        var one = await first.GetFromJsonAsync<Dictionary<string, string>>("/environment", Cancellation);
        var two = await second.GetFromJsonAsync<Dictionary<string, string>>("/environment", Cancellation);

        Assert.Equal("service.instance.id=sample-0", one!["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal("service.instance.id=sample-1", two!["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal("Redis", one["Orleans__GrainStorage__state__ProviderType"]);
        string[] ports = [.. new[] { one, two }.SelectMany(static variables => new[] { variables["Orleans__Endpoints__SiloPort"], variables["Orleans__Endpoints__GatewayPort"], variables["ASPNETCORE_URLS"] })];
        Assert.Equal(ports, ports.Distinct());
    }

    [Fact]
    public async Task Telemetry_goes_where_the_user_says()
    {
        var app = await StartHealthyAsync(null, "--OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317", "--OTEL_EXPORTER_OTLP_HEADERS=x-otlp-api-key=secret");
        var variables = await EnvironmentAsync(app);

        Assert.Equal("http://localhost:4317", variables["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("grpc", variables["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.Equal("x-otlp-api-key=secret", variables["OTEL_EXPORTER_OTLP_HEADERS"]);
    }

    [Fact]
    public async Task The_models_own_variables_win_over_the_engines()
    {
        var app = await StartHealthyAsync(
            builder => Sample(builder)
                .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1")
                .WithEnvironment("SELF", Sample(builder).GetEndpoint("http"))
                .WithEnvironment("COLOUR", builder.AddParameter("colour")),
            "--OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317", "--Parameters:colour=green");
        var variables = await EnvironmentAsync(app);

        Assert.Equal("http://localhost:1", variables["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal(app.GetEndpoint("sample").ToString().TrimEnd('/'), variables["SELF"]);
        Assert.Equal("green", variables["COLOUR"]);
    }

    private static async Task<Dictionary<string, string>> EnvironmentAsync(DistributedApplication app)
    {
        using var client = app.CreateHttpClient("sample");
        return (await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", Cancellation))!;
    }
}
