using Shop.EmbeddedHosting.Servers;

// `locate <program>…` only finds programs, or fetches them: for tests that do so as another user.
if (args is ["locate", .. var programs])
{
    foreach (var program in programs)
        Console.WriteLine(await ServerBinaries.LocateAsync(program));
    return;
}

var builder = DistributedApplication.CreateBuilder(args);

var sample = builder.AddProject<Projects.Shop_SampleService>("sample")
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithReplicas(2);

if (builder.Configuration["servers"] == "true")
{
    var redis = builder.AddRedis("redis").WithDataVolume().WithPersistence();
    var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("sampledb");
    sample.WithReference(redis).WaitFor(redis).WithReference(database).WaitFor(database);

    // A program with a child of its own.
    builder.AddExecutable("family", "sh", ".", "-c", "sleep 1000 & wait");
}

// The user's own, or none: this engine runs no Kafka.
if (builder.Configuration["kafka"] == "true")
{
    var kafka = builder.AddKafka("kafka").WithDataVolume();
    sample.WithReference(kafka).WaitFor(kafka);
}

builder.Build().Run();
