using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace Shop.Web.Accounts;

/// <summary>What somebody sends to get an account.</summary>
public sealed record SignUpRequest(
    [property: Description("The address to sign in with")] string? Email,
    [property: Description("8 to 128 characters")] string? Password,
    [property: Description("What others see of you, 1 to 64 characters")] string? Name)
{
    /// <summary>The shortest password. Length is what counts: no digit or sign is asked for.</summary>
    public const int MinPassword = 8;

    /// <summary>Far beyond any passphrase.</summary>
    public const int MaxPassword = 128;

    private const int MaxName = 64;

    /// <summary>Checks everything at once; empty when all is well.</summary>
    public Dictionary<string, string[]> Validate()
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(Email))
            errors["email"] = ["Send the e-mail address to sign in with."];
        else if (!EmailAddress.IsValid(Email.Trim()))
            errors["email"] = [$"This is no e-mail address such as ada@shop.example, or it has more than {EmailAddress.MaxLength} characters."];

        if (string.IsNullOrEmpty(Password))
            errors["password"] = [$"Send a password of {MinPassword} to {MaxPassword} characters."];
        else if (Password.Length is < MinPassword or > MaxPassword)
            errors["password"] = [string.Create(CultureInfo.InvariantCulture, $"The password has {Password.Length} characters; it must have {MinPassword} to {MaxPassword}.")];
        else if (IsGuessable(Password))
            errors["password"] = ["The password is the e-mail address or the name, or one character again and again: anybody would try that first."];

        if (string.IsNullOrWhiteSpace(Name))
            errors["name"] = [$"Send the name that others see of you, 1 to {MaxName} characters."];
        else if (Name.Trim() is var name && (name.Length > MaxName || name.EnumerateRunes().Any(IsInvisible)))
            errors["name"] = [string.Create(CultureInfo.InvariantCulture, $"The name has {name.Length} characters; it may have {MaxName}, all on one line and visible.")];
        return errors;
    }

    private bool IsGuessable(string password) =>
        password.Equals(Email?.Trim(), StringComparison.OrdinalIgnoreCase)
        || password.Equals(Name?.Trim(), StringComparison.OrdinalIgnoreCase)
        || password.AsSpan().IndexOfAnyExcept(password[0]) < 0;

    /// <summary>Line ends, control characters, and the marks that turn the direction of text that follows. Joiners stay: emoji need them.</summary>
    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
