using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace Shop.SystemTests.Hosting;

/// <summary>A model with Kafka on an engine that runs none.</summary>
public sealed class KafkaTests : HostingTest
{
    [Fact]
    public async Task Kafka_that_nobody_configured_is_absent_and_holds_nobody_up()
    {
        var app = await StartHealthyAsync(null, "--kafka=true");

        Assert.Null(await app.GetConnectionStringAsync("kafka", Cancellation));
        Assert.DoesNotContain(await KafkaVariablesAsync(app), static variable => true);
    }

    [Fact]
    public async Task Kafka_that_the_user_configured_is_handed_to_whoever_refers_to_it()
    {
        var app = await StartHealthyAsync(null, "--kafka=true", "--ConnectionStrings:kafka=one.example:9093,two.example:9094;security.protocol=SSL");

        Assert.Equal(
            [("ConnectionStrings__kafka", "one.example:9093,two.example:9094;security.protocol=SSL"), ("KAFKA_HOST", "one.example"), ("KAFKA_PORT", "9093")],
            await KafkaVariablesAsync(app));
    }

    [Fact]
    public async Task The_table_says_that_it_is_not_configured_and_how_to_do_it()
    {
        var without = StartProcess("--kafka=true", "--ephemeral");
        var with = StartProcess("--kafka=true", "--ephemeral", "--ConnectionStrings:kafka=one.example:9093");
        await without.SaysAsync("All healthy");
        await with.SaysAsync("All healthy");

        Assert.Matches(@"kafka +kafka +not configured +--ConnectionStrings:kafka=<host>:<port> names yours", without.Output);
        Assert.Matches(@"kafka +kafka +healthy +configured by the user", with.Output);
    }

    private static async Task<IEnumerable<(string Name, string Value)>> KafkaVariablesAsync(DistributedApplication app)
    {
        using var client = app.CreateHttpClient("sample");
        var variables = await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", Cancellation);
        return variables!
            .Where(static variable => variable.Key.Contains("kafka", StringComparison.OrdinalIgnoreCase))
            .Select(static variable => (variable.Key, variable.Value))
            .OrderBy(static variable => variable.Key, StringComparer.Ordinal);
    }
}
