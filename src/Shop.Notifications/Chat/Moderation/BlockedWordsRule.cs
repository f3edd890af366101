using System.Buffers;
using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat.Moderation;

/// <summary>
/// Refuses messages with a word (or a phrase) of <see cref="ChatOptions.BlockedWords"/>: whole words only, whatever their case,
/// accents or invisible characters. All words are looked for in one pass.
/// </summary>
public sealed class BlockedWordsRule : IChatRule
{
    private readonly (string Word, string Folded)[] _words;
    private readonly SearchValues<string> _search;

    public BlockedWordsRule(ChatOptions options)
    {
        _words = [.. options.BlockedWords.Select(static word => (word, TextFolding.Fold(word)))];
        _search = SearchValues.Create([.. _words.Select(static word => word.Folded)], StringComparison.Ordinal);
    }

    public ValueTask<ChatRefusal?> CheckAsync(ChatDraft draft, CancellationToken cancellationToken) => ValueTask.FromResult(Check(draft.Text));

    private ChatRefusal? Check(string text)
    {
        var folded = TextFolding.Fold(text);
        var at = folded.AsSpan().IndexOfAny(_search);
        return at < 0
            ? null
            : new ChatRefusal(ChatRefusalReason.BlockedWord, $"'{WordAt(folded, at)}' is not said here; find another word.");
    }

    private string WordAt(string folded, int at) =>
        _words.First(word => string.CompareOrdinal(folded, at, word.Folded, 0, word.Folded.Length) == 0).Word;
}
