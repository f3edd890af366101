using System.Reflection;
using Shop.Redis.Live;

namespace Shop.Web.Live;

/// <summary>Where a reader of server-sent events left off: the header <c>Last-Event-ID</c>; the beginning when there is none.</summary>
public sealed record LastEventId(LiveCursor Cursor)
{
    private const string Header = "Last-Event-ID";

    public static ValueTask<LastEventId?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var header = context.Request.Headers[Header].ToString();
        var cursor = LiveCursor.Start;
        // All logs here are durable: a sequence is their whole cursor. That of a momentary log names its epoch too.
        if (header.Length > 0 && (!LiveCursor.TryParse(header, out cursor) || cursor != LiveCursor.From(cursor.Sequence)))
            throw new BadFieldException(Header, $"The header {Header} is '{header}'; it must be the id of an event of this stream, or absent.");
        return ValueTask.FromResult<LastEventId?>(new LastEventId(cursor));
    }
}
