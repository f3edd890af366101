using Microsoft.Extensions.Options;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Web;

public sealed class LimitSettingsTests(Servers servers)
{
    [Theory]
    [InlineData("Requests:Permits", "0", "'requests' has 0 permits")]
    [InlineData("Requests:Window", "00:00:00", "'requests' has a time of 00:00:00")]
    [InlineData("SignInPerAccount:Permits", "-1", "'sign-in-account' has -1 permits")]
    [InlineData("SignInPerAddress:Permits", "1000000", "'sign-in-address' has 1000000 permits")]
    [InlineData("PlaceOrder:Tokens", "0", "'place-order' brings 0 tokens")]
    [InlineData("Replicas", "0", "Replicas is 0")]
    public async Task A_setting_that_is_no_limit_stops_the_start_and_is_named(string name, string value, string message)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => LimitsHost.StartAsync(servers.Redis.Connection, RedisFixture.NewPrefix(), (name, value)));

        Assert.Contains("Shop:Web:Limits", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
