using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Shop.Dashboard;
using Xunit;

namespace Shop.Tests.Dashboard;

public sealed class DashboardStartTests
{
    [Theory]
    [InlineData(DashboardOptions.HttpPortVariable)]
    [InlineData(DashboardOptions.OtlpGrpcPortVariable)]
    [InlineData(DashboardOptions.OtlpHttpPortVariable)]
    public async Task A_taken_port_is_named_with_the_variable_that_moves_it(string variable)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var app = DashboardHost.Build(Options((variable, $"{taken}")));

        var error = await Assert.ThrowsAsync<DashboardException>(() => DashboardHost.StartAsync(app, TestContext.Current.CancellationToken));

        Assert.Contains($"Port {taken} is taken", error.Message, StringComparison.Ordinal);
        Assert.Contains(variable, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_come_from_the_environment_and_have_defaults()
    {
        var defaults = DashboardOptions.From(new ConfigurationBuilder().Build());
        Assert.Equal((18888, 18889, 18890, null), (defaults.HttpPort, defaults.OtlpGrpcPort, defaults.OtlpHttpPort, defaults.OtlpApiKey));

        var options = Options((DashboardOptions.OtlpGrpcPortVariable, "4317"), (DashboardOptions.OtlpApiKeyVariable, "k"));
        Assert.Equal((4317, "k"), (options.OtlpGrpcPort, options.OtlpApiKey));
    }

    [Theory]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("65536")]
    public void A_port_that_is_none_is_refused_by_name_and_value(string value)
    {
        var error = Assert.Throws<DashboardException>(() => Options((DashboardOptions.OtlpHttpPortVariable, value)));

        Assert.Contains($"{DashboardOptions.OtlpHttpPortVariable}={value}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_port_for_two_jobs_is_refused_and_both_are_named()
    {
        var error = Assert.Throws<DashboardException>(() => Options((DashboardOptions.HttpPortVariable, "5000"), (DashboardOptions.OtlpHttpPortVariable, "5000")));

        Assert.Contains("DASHBOARD_HTTP_PORT and DASHBOARD_OTLP_HTTP_PORT are both 5000", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Free ports, but for those given.</summary>
    private static DashboardOptions Options(params (string Variable, string Value)[] set)
    {
        var values = new Dictionary<string, string?> { [DashboardOptions.HttpPortVariable] = "0", [DashboardOptions.OtlpGrpcPortVariable] = "0", [DashboardOptions.OtlpHttpPortVariable] = "0" };
        foreach (var (variable, value) in set)
            values[variable] = value;
        return DashboardOptions.From(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }
}
