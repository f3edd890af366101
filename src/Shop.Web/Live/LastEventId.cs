using System.Reflection;
using Shop.Redis.Live;

namespace Shop.Web.Live;

/// <summary>Where a reader of server-sent events left off: the header <c>Last-Event-ID</c>; the beginning when there is none.</summary>
public sealed record LastEventId(LiveCursor Cursor)
{
    public static ValueTask<LastEventId?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var header = context.Request.Headers["Last-Event-ID"].ToString();
        var cursor = LiveCursor.Start;
        if (header.Length > 0 && !LiveCursor.TryParse(header, out cursor))
            throw new BadHttpRequestException($"The header Last-Event-ID is '{header}'; it must be the id of an event of this stream, or absent.");
        return ValueTask.FromResult<LastEventId?>(new LastEventId(cursor));
    }
}
