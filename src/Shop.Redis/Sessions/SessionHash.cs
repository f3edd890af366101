using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Shop.Redis.Sessions;

/// <summary>
/// The SHA-256 of a session's secret: what Redis, the vault and the logs know of it. From it nobody gets back to the secret,
/// which has 256 random bits, so a plain hash without salt or stretching is enough.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct SessionHash : IEquatable<SessionHash>
{
    internal const int SecretBytes = 32;
    private const int SecretLength = 43; // 32 bytes in base64url

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>Reads what <see cref="ToArray"/> wrote.</summary>
    /// <param name="bytes">32 bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public SessionHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SHA256.HashSizeInBytes)
            throw new ArgumentException($"A hash has {SHA256.HashSizeInBytes} bytes, not {bytes.Length}.", nameof(bytes));
        _high = MemoryMarshal.Read<UInt128>(bytes);
        _low = MemoryMarshal.Read<UInt128>(bytes[16..]);
    }

    /// <summary>Whether two hashes are of the same secret.</summary>
    public static bool operator ==(SessionHash one, SessionHash other) => one.Equals(other);

    /// <summary>Whether two hashes are of different secrets.</summary>
    public static bool operator !=(SessionHash one, SessionHash other) => !one.Equals(other);

    /// <summary>The 32 bytes, as a vault stores them (<c>bytea</c>).</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[SHA256.HashSizeInBytes];
        MemoryMarshal.Write(bytes, _high);
        MemoryMarshal.Write(bytes.AsSpan(16), _low);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(SessionHash other) => _high == other._high && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is SessionHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low);

    /// <summary>The hash in base64url, 43 characters: part of the session's key in Redis.</summary>
    public override string ToString() => Base64Url.EncodeToString(ToArray());

    /// <summary>A new secret (256 random bits in base64url, 43 characters) and its hash.</summary>
    internal static (string Secret, SessionHash Hash) New()
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(secret);
        return (Base64Url.EncodeToString(secret), Of(secret));
    }

    /// <summary>The hash of a secret that a client sent. False for anything that <see cref="New"/> cannot have made.</summary>
    internal static bool TryOf(string? secret, out SessionHash hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[SecretBytes];
        if (secret is not { Length: SecretLength } || !Base64Url.IsValid(secret, out var length) || length != SecretBytes)
            return false;
        Base64Url.DecodeFromChars(secret, bytes);
        hash = Of(bytes);
        return true;
    }

    private static SessionHash Of(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, hash);
        return new SessionHash(hash);
    }
}
