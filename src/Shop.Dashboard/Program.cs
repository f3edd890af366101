using Shop.Dashboard;

try
{
    var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
    var options = DashboardOptions.From(configuration);
    await using var app = DashboardHost.Build(options, args);
    await DashboardHost.StartAsync(app);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (DashboardException e)
{
    await Console.Error.WriteLineAsync($"The dashboard cannot start. {e.Message}");
    return 1;
}
