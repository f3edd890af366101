using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using StackExchange.Redis;

namespace Shop.SystemTests.Hosting;

/// <summary>Data in the servers of an AppHost process, reached by what it printed and the passwords that it keeps.</summary>
internal static class ServerData
{
    public static async Task WriteAsync(string dataFolder, AppHostProcess appHost)
    {
        await using var redis = await ConnectAsync(dataFolder, appHost);
        await redis.GetDatabase().StringSetAsync("kept", "in redis");
        await using var database = await OpenAsync(dataFolder, appHost);
        await using var command = new NpgsqlCommand("CREATE TABLE kept AS SELECT 'in postgres' AS value", database);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task AssertKeptAsync(string dataFolder, AppHostProcess appHost)
    {
        await using var redis = await ConnectAsync(dataFolder, appHost);
        Assert.Equal("in redis", (string?)await redis.GetDatabase().StringGetAsync("kept"));
        await using var database = await OpenAsync(dataFolder, appHost);
        await using var command = new NpgsqlCommand("SELECT value FROM kept", database);
        Assert.Equal("in postgres", await command.ExecuteScalarAsync());
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(string dataFolder, AppHostProcess appHost) =>
        await ConnectionMultiplexer.ConnectAsync($"localhost:{PortOf("redis", appHost)},password={await PasswordAsync(dataFolder, "redis")}");

    private static async Task<NpgsqlConnection> OpenAsync(string dataFolder, AppHostProcess appHost)
    {
        var connection = new NpgsqlConnection($"Host=localhost;Port={PortOf("postgres", appHost)};Username=postgres;Password={await PasswordAsync(dataFolder, "postgres")};Database=sampledb;Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private static string PortOf(string resource, AppHostProcess appHost) =>
        Regex.Match(appHost.Output, $@"(?m)^  {resource} .*localhost:(\d+)").Groups[1].Value;

    private static async Task<string> PasswordAsync(string dataFolder, string resource) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(Path.Combine(dataFolder, "passwords.json")))![resource];
}
