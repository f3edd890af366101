using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Shop.SystemTests.Dashboard;

/// <summary>What the dashboard received of one order: the whole tree, in the words of the semantic conventions, and the metrics.</summary>
[Collection(nameof(SharedObservedShop))]
public sealed class OrderTelemetryTests(ObservedShop shop)
{
    /// <summary>What an order's trace must contain: a span whose name begins so, in the resource, somewhere below the one named before.</summary>
    private static readonly (string Resource, string Name, string Below)[] Expected =
    [
        ("web", "POST /api/orders", ""),
        ("orders", "IOrderGrain/PlaceAsync", "POST /api/orders"),
        ("orders", "group commit orders.place", "IOrderGrain/PlaceAsync"),
        ("orders", "UPDATE stock INSERT orders", "group commit orders.place"), // and the outbox, in the same round trip
        ("orders", "send orders", "IOrderGrain/PlaceAsync"),
        ("payments", "process orders", "send orders"),
        ("payments", "consume TakePayment", "process orders"),
        ("payments", "lock acquire", "consume TakePayment"),
        ("payments", "INSERT payments", "consume TakePayment"),
        ("payments", "provider charge", "consume TakePayment"),
        ("payments", "group commit sandbox.ledger", "provider charge"),
        ("payments", "INSERT outbox", "consume TakePayment"),
        ("payments", "send payments", "consume TakePayment"),
        ("orders", "process payments", "send payments"),
        ("orders", "consume ApplyPayment", "process payments"),
        ("orders", "group commit orders.move", "consume ApplyPayment"),
        ("orders", "send orders", "consume ApplyPayment"),
        ("gaming", "consume AwardPoints", "process payments"),
        ("gaming", "leaderboard submit", "consume AwardPoints"),
        ("notifications", "consume TellCustomer", "process payments"),
        ("notifications", "send live", "consume TellCustomer"),
        ("web", "receive live", "consume TellCustomer"),
    ];

    private static readonly (string Resource, string Name, string Below)[] ExpectedOfChat =
    [
        ("web", "POST /api/chat/rooms/{room}/messages", ""),
        ("notifications", "IChatRoomGrain", "POST /api/chat"),
        ("notifications", "chat post", "IChatRoomGrain"),
        ("notifications", "group commit", "chat post"),
        ("notifications", "send live", "chat post"),
        ("web", "receive live", "send live"),
    ];

    /// <summary>By the source of a span, or by its source and kind where a source has two: what the semantic conventions ask of it.</summary>
    private static readonly Dictionary<string, string[]> Conventions = new(StringComparer.Ordinal)
    {
        ["Microsoft.AspNetCore"] = ["http.request.method", "url.path", "url.scheme", "http.route", "http.response.status_code", "server.address"],
        ["Microsoft.Orleans.Application"] = ["rpc.system.name", "rpc.method"],
        ["Npgsql"] = ["db.system.name", "db.namespace", "db.query.text", "db.query.summary", "db.operation.name", "server.address", "server.port"],
        ["Shop.Messaging"] = [],
        ["Shop.Redis.Streams"] = ["messaging.system", "messaging.operation.type", "messaging.operation.name", "messaging.destination.name", "messaging.message.id", "messaging.consumer.group.name"],
        ["MassTransit"] = ["messaging.system", "messaging.operation.type", "messaging.operation.name", "messaging.message.id"],
        ["Shop.Redis.Live"] = ["messaging.system", "messaging.operation.type", "messaging.operation.name", "messaging.destination.template"],
        ["Shop.Redis.Live Client"] = ["db.system.name", "db.operation.name"],
        ["Shop.Redis.Locks"] = ["db.system.name", "db.operation.name"],
        ["Shop.Redis.Leaderboards"] = ["db.system.name", "db.operation.name"],
        ["Shop.Redis.Caching"] = ["db.system.name", "db.operation.name"],
        ["Shop.Redis.Jobs"] = ["messaging.system", "messaging.operation.type", "messaging.operation.name", "messaging.destination.name"],
        ["Shop.Redis.RateLimiting"] = ["db.system.name", "db.operation.name"],
        ["Shop.Redis.Sessions"] = ["db.system.name", "db.operation.name"],
        ["Shop.Orders"] = [],
        ["Shop.Payments"] = ["shop.payment.outcome"],
        ["Shop.Notifications.Chat"] = ["shop.chat.room"],
    };

    [Fact]
    public async Task One_order_is_one_tree_from_the_request_to_the_push_in_the_words_of_the_conventions()
    {
        using var dashboard = shop.Dashboard();
        var order = await shop.PaidOrderAsync();

        var spans = await ObservedShop.TraceOfAsync(dashboard, order, Missing);

        Assert.Single(spans, static span => string.IsNullOrEmpty(span.ParentSpanId));
        Assert.All(spans.Where(static span => !string.IsNullOrEmpty(span.ParentSpanId)), span => Assert.Contains(spans, other => other.SpanId == span.ParentSpanId));
        Assert.Empty(AgainstTheConventions(spans));
        Assert.All(
            spans.Where(static span => span is { Scope: "Shop.Messaging", Kind: "Producer" }),
            static span => Assert.Equal(("send", "redis_streams"), (span.Attributes["messaging.operation.type"], span.Attributes["messaging.system"])));
    }

    [Fact]
    public async Task One_chat_message_is_one_tree_from_the_post_to_the_push()
    {
        using var ada = shop.Shopper();
        using var dashboard = shop.Dashboard();
        await using var listener = new ChatListener(ada, "lobby");
        await listener.SeesAsync("presence", [ada], ada);
        await ada.SaidAsync("lobby", "hello");
        await listener.HearsAsync("hello");

        var spans = await ObservedShop.TraceOfAsync(dashboard, "POST /api/chat", "/api/chat/rooms/lobby/messages", static spans => Missing(spans, ExpectedOfChat));

        Assert.Empty(AgainstTheConventions(spans));
    }

    [Fact]
    public async Task Nothing_stands_in_the_tree_twice_and_nobodys_traces_are_sent()
    {
        using var dashboard = shop.Dashboard();
        var order = await shop.PaidOrderAsync();
        var spans = await ObservedShop.TraceOfAsync(dashboard, order, Missing);

        Assert.Single(spans, static span => span is { Resource: "orders", Kind: "Server", Name: "IOrderGrain/PlaceAsync" });
        Assert.DoesNotContain(spans, static span => span.Name.EndsWith(" receive", StringComparison.Ordinal) || span.Name == "postgresql");
        Assert.DoesNotContain(spans, span => span.Name == "process orders" && !spans.Any(other => other.ParentSpanId == span.SpanId));

        // Probes, outbox sweeps, membership: what runs by itself begins no trace.
        var roots = (await dashboard.GetFromJsonAsync<JsonElement[]>("/api/traces?noise=true&limit=1000"))!.Select(static trace => trace.GetProperty("name").GetString()!).Distinct(StringComparer.Ordinal);
        Assert.DoesNotContain(roots, static name => name.Contains("health", StringComparison.Ordinal) || name.Contains("alive", StringComparison.Ordinal) || name.StartsWith("SELECT", StringComparison.Ordinal) || name.StartsWith("group commit", StringComparison.Ordinal) || name.StartsWith("lock", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("shop.orders.placements")]
    [InlineData("shop.orders.moves")]
    [InlineData("shop.orders.to_paid")]
    [InlineData("shop.streams.lag")]
    [InlineData("shop.streams.pending")]
    [InlineData("shop.streams.dead_letters_held")]
    [InlineData("shop.jobs.count")]
    [InlineData("shop.locks.wait")]
    [InlineData("shop.outbox.backlog")]
    [InlineData("messaging.process.duration")]
    [InlineData("http.server.request.duration")]
    [InlineData("orleans-catalog-activations")]
    [InlineData("dotnet.gc.pause.time")]
    [InlineData("dotnet.process.cpu.time")]
    public async Task The_metrics_that_an_operator_asks_for_are_on_the_ready_page(string instrument)
    {
        using var dashboard = shop.Dashboard();
        await shop.PaidOrderAsync();

        await DrawnAsync(dashboard, instrument);
    }

    [Fact]
    public async Task Requests_that_a_limiter_turned_down_are_on_the_ready_page()
    {
        using var ada = shop.Shopper();
        using var dashboard = shop.Dashboard();
        await ada.SignUpAsync(TestContext.Current.CancellationToken);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => ada.SayAsync("help", $"{i}")));

        Assert.Contains(answers, static answer => answer.Status == HttpStatusCode.TooManyRequests);
        await DrawnAsync(dashboard, "shop.limits.rejections");
    }

    [Fact]
    public async Task The_time_to_payment_has_percentiles_and_a_measurement_that_opens_its_trace()
    {
        using var dashboard = shop.Dashboard();
        await shop.PaidOrderAsync();

        var paid = await Eventually.BecomesAsync(
            async () => (await dashboard.GetFromJsonAsync<JsonElement[]>("/api/metrics?text=shop.orders.to_paid"))!.FirstOrDefault(static point => point.GetProperty("count").GetInt64() > 0),
            static point => point.ValueKind == JsonValueKind.Object, "a paid order in the histogram", TimeSpan.FromSeconds(30));
        Assert.InRange(paid.GetProperty("p95").GetDouble(), 0.000_001, 60);

        await Eventually.TrueAsync(
            async () => (await dashboard.GetStringAsync("/metrics/instrument?name=shop.orders.to_paid&last=60")).Contains("class=\"exemplar\"", StringComparison.Ordinal),
            "an exemplar", TimeSpan.FromSeconds(30));
    }

    /// <summary>Waits until the instrument has a value and its panel a chart.</summary>
    private static async Task DrawnAsync(HttpClient dashboard, string instrument)
    {
        await Eventually.TrueAsync(
            async () => (await dashboard.GetFromJsonAsync<JsonElement[]>($"/api/metrics?text={instrument}"))!.Any(point => point.GetProperty("instrument").GetString() == instrument),
            $"a value of {instrument}", TimeSpan.FromSeconds(30));
        Assert.Contains($"href=\"/metrics/instrument?name={instrument}", await dashboard.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    /// <summary>A source that is not among <see cref="Conventions"/> has not been reviewed, and is named too.</summary>
    private static IEnumerable<string> AgainstTheConventions(SpanLine[] spans) => spans.SelectMany(static span => Conventions.TryGetValue($"{span.Scope} {span.Kind}", out var asked) || Conventions.TryGetValue(span.Scope, out asked)
        ? asked.Where(name => !span.Attributes.ContainsKey(name) && !(span.Kind == "Internal" && name.StartsWith("db.", StringComparison.Ordinal))).Select(name => $"{span} lacks {name}")
        : [$"{span} comes from a source that nobody reviewed"]).Distinct(StringComparer.Ordinal);

    private static string[] Missing(SpanLine[] spans) => Missing(spans, Expected);

    private static string[] Missing(SpanLine[] spans, (string Resource, string Name, string Below)[] wanted)
    {
        var byId = spans.ToDictionary(static span => span.SpanId, StringComparer.Ordinal);
        return [.. wanted.Where(expected => !spans.Any(span => span.Resource == expected.Resource && span.Name.StartsWith(expected.Name, StringComparison.Ordinal) && IsBelow(span, expected.Below)))
            .Select(static expected => $"{expected.Resource}: {expected.Name} below {expected.Below}")];

        bool IsBelow(SpanLine span, string ancestor)
        {
            if (ancestor.Length == 0)
                return true;
            for (var at = span; at.ParentSpanId is { Length: > 0 } parent && byId.TryGetValue(parent, out at!);)
            {
                if (at.Name.StartsWith(ancestor, StringComparison.Ordinal))
                    return true;
            }

            return false;
        }
    }
}
