using Shop.Contracts.Payments;
using Xunit;

namespace Shop.Tests.Payments;

public sealed class PaymentCardTests
{
    [Theory]
    [InlineData("4242424242424242", PaymentCard.Paying)]
    [InlineData("4242 4242 4242 4242", PaymentCard.Paying)]
    [InlineData("4000000000000002", PaymentCard.Declining)]
    [InlineData("4000000000000119", PaymentCard.FailingTwice)]
    [InlineData("4000000000000259", PaymentCard.Slow)]
    [InlineData("5555555555554444", PaymentCard.Unknown)]
    public void A_well_formed_number_has_a_token_that_does_not_contain_it(string number, string expected)
    {
        Assert.True(PaymentCard.TryTokenise(number, out var token));
        Assert.Equal(expected, token);
        Assert.DoesNotContain(number.Replace(" ", "", StringComparison.Ordinal), token, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("4242")]
    [InlineData("4242424242424241")] // wrong check digit
    [InlineData("4242-4242-4242-4242")]
    [InlineData("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢")] // digits, but not these
    [InlineData("42424242424242424242")] // 20 digits
    public void A_malformed_number_has_none(string? number) => Assert.False(PaymentCard.TryTokenise(number, out _));
}
