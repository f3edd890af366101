var builder = DistributedApplication.CreateBuilder(args);

var redis = builder.AddRedis("redis").WithPersistence();
var postgres = builder.AddPostgres("postgres");
var ordersDb = postgres.AddDatabase("ordersdb");
var paymentsDb = postgres.AddDatabase("paymentsdb");
var gamingDb = postgres.AddDatabase("gamingdb");
var notificationsDb = postgres.AddDatabase("notificationsdb");
var kafka = builder.AddKafka("kafka");
var webDb = postgres.AddDatabase("webdb");

// Data outlives a run; with --ephemeral, and in tests, it does not.
var mailFolder = Path.Combine(builder.AppHostDirectory, builder.Configuration["data-folder"] ?? ".data", "mail");
if (builder.Configuration["ephemeral"] != "true")
{
    redis.WithDataVolume();
    postgres.WithDataVolume();
    kafka.WithDataVolume();
}
else
{
    mailFolder = Directory.CreateTempSubdirectory("shop-mail-").FullName;
}

var shop = builder.AddOrleans("shop")
    .WithClusterId("shop")
    .WithServiceId("shop")
    .WithClustering(redis);

var orders = builder.AddProject<Projects.Shop_Orders>("orders")
    .WithReference(shop)
    .WithReference(redis).WaitFor(redis)
    .WithReference(ordersDb).WaitFor(ordersDb)
    .WithReference(kafka)
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);

var payments = builder.AddProject<Projects.Shop_Payments>("payments")
    .WithReference(shop)
    .WithReference(redis).WaitFor(redis)
    .WithReference(paymentsDb).WaitFor(paymentsDb)
    .WithReference(kafka)
    .WithHttpHealthCheck("/health");

var gaming = builder.AddProject<Projects.Shop_Gaming>("gaming")
    .WithReference(shop)
    .WithReference(redis).WaitFor(redis)
    .WithReference(gamingDb).WaitFor(gamingDb)
    .WithHttpHealthCheck("/health");

var notifications = builder.AddProject<Projects.Shop_Notifications>("notifications")
    .WithReference(shop)
    .WithReference(redis).WaitFor(redis)
    .WithReference(notificationsDb).WaitFor(notificationsDb)
    .WithEnvironment("Shop__Notifications__Mail__Folder", mailFolder)
    .WithHttpHealthCheck("/health");

// Mail goes out where there is a server for it; everywhere else it ends as .eml files in the folder above.
if (builder.Configuration["ConnectionStrings:smtp"] is { } smtp)
    notifications.WithEnvironment("ConnectionStrings__smtp", smtp);

builder.AddProject<Projects.Shop_Web>("web")
    .WithReference(shop.AsClient())
    .WithReference(redis).WaitFor(redis)
    .WithReference(webDb).WaitFor(webDb)
    .WaitFor(orders).WaitFor(payments).WaitFor(gaming).WaitFor(notifications)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);

builder.Build().Run();
