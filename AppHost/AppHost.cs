var builder = DistributedApplication.CreateBuilder(args);

var redis = builder.AddRedis("redis").WithPersistence();
var postgres = builder.AddPostgres("postgres");
var ordersDb = postgres.AddDatabase("ordersdb");
var paymentsDb = postgres.AddDatabase("paymentsdb");
var gamingDb = postgres.AddDatabase("gamingdb");
var notificationsDb = postgres.AddDatabase("notificationsdb");

// Data outlives a run; with --ephemeral, and in tests, it does not.
if (builder.Configuration["ephemeral"] != "true")
{
    redis.WithDataVolume();
    postgres.WithDataVolume();
}

var shop = builder.AddOrleans("shop")
    .WithClusterId("shop")
    .WithServiceId("shop")
    .WithClustering(redis);

var orders = builder.AddProject<Projects.Shop_Orders>("orders")
    .WithReference(shop)
    .WithReference(redis).WaitFor(redis)
    .WithReference(ordersDb).WaitFor(ordersDb)
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);

var payments = builder.AddProject<Projects.Shop_Payments>("payments")
    .WithReference(shop)
    .WithReference(redis).WaitFor(redis)
    .WithReference(paymentsDb).WaitFor(paymentsDb)
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
    .WithHttpHealthCheck("/health");

builder.AddProject<Projects.Shop_Web>("web")
    .WithReference(shop.AsClient())
    .WithReference(redis).WaitFor(redis)
    .WaitFor(orders).WaitFor(payments).WaitFor(gaming).WaitFor(notifications)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);

builder.Build().Run();
