using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Payments.Charging;
using Shop.Payments.Sandbox;
using Xunit;

namespace Shop.Tests.Payments;

public sealed class SandboxProviderTests(Servers servers)
{
    private static readonly Money Amount = Money.Of(10);

    [Fact]
    public async Task One_key_captures_once_however_often_it_is_charged()
    {
        await using var sandbox = await CreateAsync();
        var provider = sandbox.Get<SandboxProvider>();

        var charges = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => provider.ChargeAsync("order-1", Amount, PaymentCard.Paying, CancellationToken.None)));

        Assert.Single(charges.Select(static charge => charge.Booking).Distinct());
        Assert.Equal(1, await sandbox.CountLedgerAsync());
        Assert.Equal(charges[0].Booking, await provider.FindCaptureAsync("order-1", CancellationToken.None));
    }

    [Theory]
    [InlineData(PaymentCard.Declining)]
    [InlineData(PaymentCard.Unknown)]
    public async Task A_declined_card_moves_no_money_and_says_why(string token)
    {
        await using var sandbox = await CreateAsync();

        var charge = await sandbox.Get<SandboxProvider>().ChargeAsync("order-1", Amount, token, CancellationToken.None);

        Assert.False(charge.IsCaptured);
        Assert.NotEmpty(charge.DeclineReason!);
        Assert.Equal(0, await sandbox.CountLedgerAsync());
    }

    [Fact]
    public async Task The_card_that_fails_twice_pays_at_the_third_try()
    {
        await using var sandbox = await CreateAsync();
        var provider = sandbox.Get<SandboxProvider>();

        for (var attempt = 1; attempt <= 2; attempt++)
            await Assert.ThrowsAsync<PaymentProviderException>(() => provider.ChargeAsync("order-1", Amount, PaymentCard.FailingTwice, CancellationToken.None));

        Assert.True((await provider.ChargeAsync("order-1", Amount, PaymentCard.FailingTwice, CancellationToken.None)).IsCaptured);
    }

    private Task<ServiceSandbox> CreateAsync() =>
        ServiceSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection, typeof(SandboxProvider).Assembly, static (services, _) => services.AddSingleton<SandboxProvider>());
}

internal static class SandboxLedger
{
    public static async Task<long> CountLedgerAsync(this ServiceSandbox sandbox)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync();
        return await connection.QuerySingleAsync<long>("SELECT count(*) FROM sandbox.ledger");
    }
}
