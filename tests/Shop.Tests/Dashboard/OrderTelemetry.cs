using System.Buffers.Binary;
using Google.Protobuf;
using Shop.Dashboard.Otlp.Wire;

namespace Shop.Tests.Dashboard;

/// <summary>What the services report about one order, from the browser's request to the push: each service in an export of its own.</summary>
internal sealed class OrderTelemetry
{
    private readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow();
    private readonly ByteString _traceId = ByteString.CopyFrom(Guid.CreateVersion7().ToByteArray());
    private readonly Dictionary<string, ResourceSpans> _exports = [];
    private readonly Span _place;
    private ulong _lastId;

    public OrderTelemetry()
    {
        var post = Add("web", null, "POST /api/orders", 2, 0, 21.4, ("http.request.method", "POST"), ("url.path", "/api/orders"), ("http.response.status_code", "201"));
        Add("web", post, "ratelimit acquire", 1, 0.6, 0.9, ("shop.limit", "orders-per-user"));
        var call = Add("web", post, "IOrderGrain/Place", 3, 2, 18.1, ("rpc.system", "orleans"), ("rpc.service", "IOrderGrain"));
        var place = Add("orders", call, "IOrderGrain/Place", 2, 2.7, 16.8, ("rpc.system", "orleans"), ("orleans.grain.id", "order/0197a3c2"));
        _place = place;
        Add("orders", place, "INSERT ordersdb", 3, 4.2, 13.5, ("db.system.name", "postgresql"), ("db.namespace", "ordersdb"), ("db.query.text", "insert into orders\nselect * from unnest(@ids, @customers)"));
        var placed = Add("orders", place, "send orders", 4, 20.1, 1.2, ("messaging.system", "redis"), ("messaging.destination.name", "orders"), ("messaging.message.id", "0197a3c2-5b7e"));

        var take = Add("payments", placed, "process orders", 5, 23, 47.9, ("messaging.system", "redis"), ("messaging.consumer.group.name", "payments"));
        Add("payments", take, "lock acquire", 1, 23.8, 1.1, ("shop.lock.resource", "payment:0197a3c2"), ("shop.lock.fencing_token", "178"));
        Add("payments", take, "POST provider/charges", 3, 26, 31.7, ("http.request.method", "POST"), ("server.address", "provider.example"));
        Add("payments", take, "INSERT paymentsdb", 3, 58.9, 9.3, ("db.system.name", "postgresql"), ("db.namespace", "paymentsdb"));
        var captured = Add("payments", take, "send payments", 4, 71.3, 0.9, ("messaging.system", "redis"), ("messaging.destination.name", "payments"));

        var move = Add("orders", captured, "process payments", 5, 73, 14.2, ("messaging.system", "redis"), ("messaging.consumer.group.name", "orders"));
        Add("orders", move, "UPDATE ordersdb", 3, 75.5, 8.4, ("db.system.name", "postgresql"), ("db.namespace", "ordersdb"));
        var paid = Add("orders", move, "send orders", 4, 87.6, 0.8, ("messaging.system", "redis"), ("messaging.destination.name", "orders"));

        var points = Add("gaming", paid, "process orders", 5, 89.5, 8.8, ("messaging.consumer.group.name", "gaming"));
        Add("gaming", points, "leaderboard submit", 1, 93.1, 1.4, ("shop.leaderboard", "loyalty"));
        var feed = Add("notifications", paid, "process orders", 5, 89.2, 12.6, ("messaging.consumer.group.name", "notifications"));
        Add("notifications", feed, "INSERT notificationsdb", 3, 91.7, 6.2, ("db.system.name", "postgresql"));
        Add("notifications", feed, "live append feed", 4, 98.4, 0.9, ("shop.live.log", "feed:customer"));
        var mail = Add("notifications", feed, "job receipt-mail", 5, 101, 22.5, ("shop.job", "receipt-mail"));
        Fail(mail, "The mail server did not answer.");
        mail.Links.Add(new Span.Types.Link { TraceId = _traceId, SpanId = post.SpanId });
        Add("web", feed, "live push", 4, 100.2, 0.4, ("shop.live.log", "feed:customer"));
    }

    public DateTimeOffset Start => _start;

    /// <summary>The span that wrote of the order's placement.</summary>
    public string PlacingSpan => Convert.ToHexStringLower(_place.SpanId.Span);

    public string TraceId => Convert.ToHexStringLower(_traceId.Span);

    public int SpanCount => _exports.Values.Sum(static export => export.ScopeSpans[0].Spans.Count);

    /// <summary>Last things first, as when the first service is the slowest to export.</summary>
    public IEnumerable<ExportTraceServiceRequest> Exports =>
        _exports.Values.Reverse().Select(static export => new ExportTraceServiceRequest { ResourceSpans = { export } });

    public ExportLogsServiceRequest Logs
    {
        get
        {
            var request = new ExportLogsServiceRequest();
            foreach (var (resource, at, severity, message) in new[] { ("orders", 19.0, 9, "Order 0197a3c2 placed for 59.90 EUR"), ("payments", 70.5, 9, "Charge ch_881 captured"), ("notifications", 123.0, 17, "The receipt could not be sent; it is tried again in 2 s") })
            {
                request.ResourceLogs.Add(new ResourceLogs
                {
                    Resource = ResourceOf(resource),
                    ScopeLogs =
                    {
                        new ScopeLogs
                        {
                            Scope = new InstrumentationScope { Name = $"Shop.{resource}" },
                            LogRecords =
                            {
                                new LogRecord
                                {
                                    TimeUnixNano = Nanoseconds(at), SeverityNumber = severity, Body = Text(message), TraceId = _traceId,
                                    SpanId = resource == "orders" ? _place.SpanId : ByteString.Empty,
                                    Attributes = { Attribute("OrderId", "0197a3c2") },
                                },
                            },
                        },
                    },
                });
            }
            return request;
        }
    }

    private Span Add(string resource, Span? parent, string name, int kind, double startMs, double tookMs, params (string Key, string Value)[] attributes)
    {
        var id = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(id, ++_lastId);
        var span = new Span
        {
            TraceId = _traceId,
            SpanId = ByteString.CopyFrom(id),
            ParentSpanId = parent?.SpanId ?? ByteString.Empty,
            Name = name,
            Kind = kind,
            StartTimeUnixNano = Nanoseconds(startMs),
            EndTimeUnixNano = Nanoseconds(startMs + tookMs),
        };
        foreach (var (key, value) in attributes)
            span.Attributes.Add(Attribute(key, value));
        if (!_exports.TryGetValue(resource, out var export))
            _exports.Add(resource, export = new ResourceSpans { Resource = ResourceOf(resource), ScopeSpans = { new ScopeSpans { Scope = new InstrumentationScope { Name = "Shop" } } } });
        export.ScopeSpans[0].Spans.Add(span);
        return span;
    }

    private static void Fail(Span span, string message)
    {
        span.Status = new Status { Code = 2, Message = message };
        span.Events.Add(new Span.Types.Event
        {
            Name = "exception",
            TimeUnixNano = span.EndTimeUnixNano,
            Attributes = { Attribute("exception.type", "System.TimeoutException"), Attribute("exception.stacktrace", $"System.TimeoutException: {message}\n   at Shop.Notifications.Receipts.SendAsync()") },
        });
    }

    private static Resource ResourceOf(string name) => new() { Attributes = { Attribute("service.name", name), Attribute("service.instance.id", $"{name}-1") } };

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = Text(value) };

    private static AnyValue Text(string value) => new() { StringValue = value };

    private ulong Nanoseconds(double afterMs) => (ulong)(_start.AddMilliseconds(afterMs) - DateTimeOffset.UnixEpoch).Ticks * 100;
}
