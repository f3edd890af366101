using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Shop.Web.Tokens;

/// <summary>
/// Personal access tokens: <c>shop_</c>, by which leaked ones are recognised, and 256 random bits in base64url. Their owner sees
/// them once; the shop keeps the SHA-256, from which nobody gets back.
/// </summary>
internal static class AccessToken
{
    private const string Prefix = "shop_";
    private const int RandomBytes = 32;
    private const int Length = 48; // the prefix, and 32 bytes in base64url

    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Null for anything that <see cref="New"/> cannot have made: it need not be looked up.</summary>
    public static byte[]? Hash(string token) =>
        token.Length == Length && token.StartsWith(Prefix, StringComparison.Ordinal) && Base64Url.IsValid(token.AsSpan(Prefix.Length))
            ? SHA256.HashData(Encoding.ASCII.GetBytes(token))
            : null;
}
