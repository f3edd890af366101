using System.Globalization;
using System.Text;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>The orders that all sides get: two of the catalogue's products, chosen evenly, one piece each.</summary>
internal static class OrderRequests
{
    /// <summary>As Shop.Orders' migrations put them into the catalogue, but for the one that sells out.</summary>
    public static readonly string[] Skus =
    [
        "KB-075", "KB-HHK", "MS-ERG", "MS-TRK", "MON-27", "ARM-01", "LMP-DK", "MAT-XL", "NB-A5D", "NB-A6P", "PEN-GL", "PEN-FT", "INK-BL", "CAL-27", "MUG-RD", "MUG-PG",
        "CF-BEA", "CF-FIL", "CF-GRD", "TEA-GR", "BTL-07", "BAG-20", "BAG-SL", "ADP-WW", "PWR-20", "HP-ANC", "EB-01", "SPK-01", "GAME-C", "DICE-7", "PZL-1K",
    ];

    public static (string First, string Second) TwoSkus()
    {
        var first = Random.Shared.Next(Skus.Length);
        var second = (first + 1 + Random.Shared.Next(Skus.Length - 1)) % Skus.Length;
        return (Skus[first], Skus[second]);
    }

    /// <summary>A whole HTTP request with a new idempotency key.</summary>
    public static byte[] Http(string cookie)
    {
        var (first, second) = TwoSkus();
        var body = $$"""{"lines":[{"sku":"{{first}}","quantity":1},{"sku":"{{second}}","quantity":1}],"card":"4242424242424242"}""";
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST /api/orders HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nIdempotency-Key: {Guid.CreateVersion7():N}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }
}
