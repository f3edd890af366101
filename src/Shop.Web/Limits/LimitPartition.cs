using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Shop.Web.Accounts;
using Shop.Web.Customers;

namespace Shop.Web.Limits;

/// <summary>Whose permits a request takes.</summary>
internal static class LimitPartition
{
    /// <summary>The customer's, or the address's of somebody who is not signed in.</summary>
    public static string Of(HttpContext context) =>
        context.User.Identity is { IsAuthenticated: true } ? $"user:{context.User.Customer()}" : $"address:{Address(context)}";

    /// <summary>
    /// The address that the request came from. A home or an office has a whole IPv6 /64, so that is one address. Behind a proxy that is trusted, set
    /// <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED=true</c>, or all clients are the proxy.
    /// </summary>
    public static string Address(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes)}/64");
    }

    /// <summary>An account by its e-mail address, however it is typed.</summary>
    public static string Account(string email) => EmailAddress.Key(email);
}
