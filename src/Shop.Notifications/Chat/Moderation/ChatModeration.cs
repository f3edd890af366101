using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat.Moderation;

/// <summary>All rules, asked one after another.</summary>
public sealed class ChatModeration(IEnumerable<IChatRule> rules)
{
    private readonly IChatRule[] _rules = [.. rules];

    /// <summary>The first refusal, or null when the message may be posted.</summary>
    public async ValueTask<ChatRefusal?> CheckAsync(ChatDraft draft, CancellationToken cancellationToken)
    {
        foreach (var rule in _rules)
        {
            if (await rule.CheckAsync(draft, cancellationToken) is { } refusal)
                return refusal;
        }

        return null;
    }
}
