using System.Text.RegularExpressions;

namespace Shop.Web.Accounts;

/// <summary>
/// E-mail addresses are stored as written and compared without regard to case. Dots and plus signs count: what they mean is
/// the mail server's business.
/// </summary>
internal static partial class EmailAddress
{
    /// <summary>The longest that a mail server takes.</summary>
    public const int MaxLength = 254;

    /// <summary>Whether this looks like an address: a part, an @, and a domain with a dot; nothing invisible in it.</summary>
    public static bool IsValid(string address) => address.Length <= MaxLength && Shape().IsMatch(address);

    /// <summary>What is compared.</summary>
    public static string Key(string address) => address.Trim().ToLowerInvariant();

    [GeneratedRegex(@"^[^@\s\p{C}]{1,64}@([^@\s\p{C}.]+\.)+[^@\s\p{C}.]+$", RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
