using MimeKit;

namespace Shop.Notifications.Receipts;

/// <summary>Whoever takes the shop's mail.</summary>
public interface IMailer
{
    /// <summary>Sends a message. Throws when it could not be taken now; it may be sent again then.</summary>
    /// <returns>Null when it was taken; the reason when it never will be (no such mailbox, refused for its content).</returns>
    Task<string?> SendAsync(MimeMessage message, CancellationToken cancellationToken);
}
