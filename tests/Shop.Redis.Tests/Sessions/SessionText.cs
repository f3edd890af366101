using System.Text;
using Shop.Redis.Sessions;

namespace Shop.Redis.Tests.Sessions;

/// <summary>Fields as text.</summary>
internal static class SessionText
{
    public static SessionChanges Change(string name, string? value, long? basedOn = null) => new()
    {
        Fields = new Dictionary<string, ReadOnlyMemory<byte>?> { [name] = value is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(value) },
        BasedOn = basedOn,
    };

    public static string? Field(Session? session, string name) =>
        session is not null && session.Fields.TryGetValue(name, out var value) ? Encoding.UTF8.GetString(value.Span) : null;
}
