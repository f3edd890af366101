namespace Shop.Contracts.Payments;

/// <summary>
/// Turns a card number into a token at the edge, so that no number is ever stored, logged or sent in an event.
/// The sandbox provider knows the tokens of the well-known test cards; every other number is one token that it declines.
/// </summary>
public static class PaymentCard
{
    /// <summary>Pays.</summary>
    public const string Paying = "tok_4242";

    /// <summary>Is declined.</summary>
    public const string Declining = "tok_0002";

    /// <summary>Fails twice and then pays.</summary>
    public const string FailingTwice = "tok_0119";

    /// <summary>Answers after three seconds, and pays.</summary>
    public const string Slow = "tok_0259";

    /// <summary>Any other card: the sandbox declines it.</summary>
    public const string Unknown = "tok_unknown";

    /// <summary>The token of <paramref name="number"/> (12 to 19 digits, spaces allowed, with a valid Luhn check digit); false when malformed.</summary>
    public static bool TryTokenise(string? number, out string token)
    {
        var digits = (number ?? "").Replace(" ", "", StringComparison.Ordinal);
        token = digits switch
        {
            "4242424242424242" => Paying,
            "4000000000000002" => Declining,
            "4000000000000119" => FailingTwice,
            "4000000000000259" => Slow,
            _ => Unknown,
        };
        return digits.Length is >= 12 and <= 19 && digits.All(char.IsAsciiDigit) && HasValidCheckDigit(digits);
    }

    private static bool HasValidCheckDigit(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (i % 2 == 1)
                digit = digit > 4 ? digit * 2 - 9 : digit * 2;
            sum += digit;
        }

        return sum % 10 == 0;
    }
}
