using Microsoft.Extensions.Options;
using MimeKit;

namespace Shop.Notifications.Receipts;

/// <summary>
/// Writes mail into a folder instead of sending it: one .eml file a message, which any mail program opens. The file is named after the
/// message id and appears complete or not at all; the same message sent again replaces it.
/// </summary>
public sealed class FolderMailer(IOptions<MailOptions> options, IHostEnvironment environment) : IMailer
{
    private readonly string _folder = Path.GetFullPath(options.Value.Folder, environment.ContentRootPath);

    public async Task<string?> SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        var file = Path.Combine(_folder, $"{message.MessageId!.Split('@')[0]}.eml");
        var part = $"{file}.{Guid.CreateVersion7():N}";
        try
        {
            await message.WriteToAsync(part, cancellationToken);
            File.Move(part, file, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        return null;
    }
}
