using Shop.Notifications.Receipts;
using Xunit;

namespace Shop.Tests.Notifications.Receipts;

public sealed class MailOptionsTests
{
    private static readonly MailOptionsValidator Validator = new();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("smtp://mail.example")]
    [InlineData("smtp://mail.example:587")]
    [InlineData("smtps://user:p%40ss@mail.example")]
    public void An_address_of_a_mail_server_or_none_is_fine(string? smtp) =>
        Assert.True(Validator.Validate(null, new MailOptions { Smtp = smtp }).Succeeded);

    [Theory]
    [InlineData("mail.example:587")]
    [InlineData("http://user:geheim@mail.example")]
    [InlineData("smtp://")]
    [InlineData("smtp://geheim@mail.example")]
    public void Anything_else_is_refused_without_telling_the_password(string smtp)
    {
        var failure = Validator.Validate(null, new MailOptions { Smtp = smtp }).FailureMessage;

        Assert.Contains("'smtp'", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Shop")]
    public void A_sender_without_an_address_is_refused_by_its_value(string from) =>
        Assert.Contains($"'{from}'", Validator.Validate(null, new MailOptions { From = from }).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public void Mail_needs_somewhere_to_go() =>
        Assert.Contains("Folder", Validator.Validate(null, new MailOptions { Folder = " " }).FailureMessage, StringComparison.Ordinal);
}
