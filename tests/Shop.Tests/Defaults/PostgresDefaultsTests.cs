using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceDefaults;
using Xunit;

namespace Shop.Tests.Defaults;

public sealed class PostgresDefaultsTests
{
    [Theory]
    [InlineData("Host=localhost", 50, 12, "Shop.Tests", true)] // few connections, prepared statements, no reset before each use
    [InlineData("Host=localhost;Max Auto Prepare=0;Maximum Pool Size=3;Application Name=other;No Reset On Close=false", 0, 3, "other", false)]
    public void A_service_has_settings_of_its_own_where_the_connection_string_says_nothing(string connectionString, int prepared, int connections, string name, bool keepsSession)
    {
        var used = Used(connectionString);

        Assert.Equal((prepared, connections, name, keepsSession), (used.MaxAutoPrepare, used.MaxPoolSize, used.ApplicationName, used.NoResetOnClose));
    }

    private static NpgsqlConnectionStringBuilder Used(string connectionString)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "Shop.Tests" });
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:db", connectionString)]);
        builder.AddPostgres("db");
        using var services = builder.Services.BuildServiceProvider();
        return new NpgsqlConnectionStringBuilder(services.GetRequiredService<NpgsqlDataSource>().ConnectionString);
    }
}
