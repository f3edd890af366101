using System.Globalization;
using System.Text;
using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat.Moderation;

/// <summary>
/// A message is one line of 1 to <see cref="ChatOptions.MaxLength"/> characters of which at least one can be seen. Characters are
/// Unicode code points, so that a limit means the same in every script and no pile of accents counts as one.
/// </summary>
public sealed class PlainTextRule(ChatOptions options) : IChatRule
{
    public ValueTask<ChatRefusal?> CheckAsync(ChatDraft draft, CancellationToken cancellationToken) => ValueTask.FromResult(Check(draft.Text));

    private ChatRefusal? Check(string text)
    {
        var (length, visible) = (0, false);
        for (var at = 0; at < text.Length; length++)
        {
            if (!Rune.TryGetRuneAt(text, at, out var rune))
                return NotPlainText($"The text has half a character (U+{(int)text[at]:X4}) at position {at}; send whole ones.");
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                return NotPlainText($"The text has the control character U+{rune.Value:X4} at position {at}; a message is one line of plain text.");
            visible |= category is not (UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark);
            at += rune.Utf16SequenceLength;
        }

        if (!visible)
            return new ChatRefusal(ChatRefusalReason.Empty, "There is nothing to see in the text; write something.");
        return length > options.MaxLength
            ? new ChatRefusal(ChatRefusalReason.TooLong, string.Create(CultureInfo.InvariantCulture, $"The text has {length} characters; it may have {options.MaxLength}."))
            : null;
    }

    private static ChatRefusal NotPlainText(FormattableString detail) => new(ChatRefusalReason.NotPlainText, detail.ToString(CultureInfo.InvariantCulture));
}
