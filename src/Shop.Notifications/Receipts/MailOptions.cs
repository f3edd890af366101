using Microsoft.Extensions.Options;
using MimeKit;

namespace Shop.Notifications.Receipts;

/// <summary>How the shop sends mail. Section <c>Shop:Notifications:Mail</c>, and the connection string <c>smtp</c>.</summary>
public sealed class MailOptions
{
    /// <summary>The sender. Its domain is also that of the message ids. Default <c>Shop &lt;receipts@shop.example&gt;</c>.</summary>
    public string From { get; set; } = "Shop <receipts@shop.example>";

    /// <summary>
    /// The mail server, from the connection string <c>smtp</c>: <c>smtp://user:password@host:587</c>, or <c>smtps://…</c> for TLS
    /// from the first byte (port 465). With <c>smtp</c> the connection changes to TLS where the server offers it; a password is
    /// sent without TLS to this machine only. Null, the default: mail is written to <see cref="Folder"/>.
    /// </summary>
    public string? Smtp { get; set; }

    /// <summary>Where mail is written, as .eml files, while there is no mail server. Default <c>.data/mail</c> below the service's content root.</summary>
    public string Folder { get; set; } = Path.Combine(".data", "mail");

    internal MailboxAddress Sender => MailboxAddress.Parse(From);

    internal Uri? Server => string.IsNullOrWhiteSpace(Smtp) ? null : new Uri(Smtp);
}

/// <summary>Checks the options when the service starts. What it says never holds the password.</summary>
internal sealed class MailOptionsValidator : IValidateOptions<MailOptions>
{
    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        if (!MailboxAddress.TryParse(options.From, out var sender) || string.IsNullOrEmpty(sender.Domain))
            return ValidateOptionsResult.Fail($"Shop:Notifications:Mail:From is '{options.From}'; it must be an address such as 'Shop <receipts@shop.example>'.");
        if (string.IsNullOrWhiteSpace(options.Smtp))
            return string.IsNullOrWhiteSpace(options.Folder)
                ? ValidateOptionsResult.Fail("Shop:Notifications:Mail:Folder is empty, and there is no connection string 'smtp': mail needs one of them.")
                : ValidateOptionsResult.Success;
        return Uri.TryCreate(options.Smtp, UriKind.Absolute, out var server) && server.Scheme is "smtp" or "smtps" && server.Host.Length > 0
            ? Complete(server)
            : ValidateOptionsResult.Fail("The connection string 'smtp' is no address such as smtp://user:password@mail.example:587 or smtps://mail.example.");
    }

    private static ValidateOptionsResult Complete(Uri server) =>
        server.UserInfo.Length == 0 || server.UserInfo.Contains(':', StringComparison.Ordinal)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"The connection string 'smtp' for {server.Host} has a user and no password: write smtp://user:password@{server.Host}.");
}
