using System.Globalization;
using System.Net;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Shop.Notifications.Receipts;

/// <summary>
/// Hands mail to a server, one connection a message. A permanent refusal (5xx) of this message or its recipient is an answer;
/// everything else is thrown, for the job to try again: 4xx, a broken connection, and also a permanent refusal of the shop
/// itself (its password, its sender address), because that is mended in the settings and then every message goes.
/// </summary>
public sealed class SmtpMailer(IOptions<MailOptions> options) : IMailer
{
    private readonly Uri _server = options.Value.Server ?? throw new InvalidOperationException("There is no connection string 'smtp'.");

    public async Task<string?> SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        using var client = new SmtpClient();
        await client.ConnectAsync(_server.Host, _server.Port > 0 ? _server.Port : 0, Security, cancellationToken);
        if (Credentials is { } credentials)
            await client.AuthenticateAsync(credentials, cancellationToken);
        try
        {
            await client.SendAsync(message, cancellationToken);
        }
        catch (SmtpCommandException refused) when ((int)refused.StatusCode >= 500
            && refused.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted)
        {
            return string.Create(CultureInfo.InvariantCulture, $"The mail server {_server.Host} refuses it for good: {(int)refused.StatusCode} {refused.Message}");
        }

        await SayGoodbyeAsync(client, cancellationToken);
        return null;
    }

    private SecureSocketOptions Security => _server switch
    {
        { Scheme: "smtps" } => SecureSocketOptions.SslOnConnect,
        { UserInfo.Length: > 0, IsLoopback: false } => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.StartTlsWhenAvailable,
    };

    private NetworkCredential? Credentials =>
        _server.UserInfo.Split(':', 2) is [var user, var password] ? new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password)) : null;

    /// <summary>The message is taken: whatever happens to the connection now must not have it sent again.</summary>
    private static async Task SayGoodbyeAsync(SmtpClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SmtpProtocolException or SmtpCommandException or OperationCanceledException)
        {
            // the server was quicker to hang up
        }
    }
}
