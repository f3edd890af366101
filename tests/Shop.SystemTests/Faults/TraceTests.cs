using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;

namespace Shop.SystemTests.Faults;

/// <summary>The application with its dashboard, which collects what the services export.</summary>
public sealed class ObservedShop() : ShopApp(["--dashboard=true"]);

public sealed class TraceTests(ObservedShop shop) : IClassFixture<ObservedShop>
{
    /// <summary>What an order's trace must contain: a span whose name contains the text, in the resource, somewhere below the one named before.</summary>
    private static readonly (string Resource, string Name, string Below)[] Expected =
    [
        ("web", "POST /api/orders", ""),
        ("orders", "IOrderGrain", "POST /api/orders"),
        ("orders", "group commit", "IOrderGrain"),
        ("payments", "orders process", "POST /api/orders"),
        ("payments", "lock acquire", "orders process"),
        ("payments", "group commit", "orders process"),
        ("orders", "payments process", "orders process"),
        ("gaming", "orders process", "payments process"),
        ("notifications", "orders process", "payments process"),
        ("web", "live deliver", "POST /api/orders"),
    ];

    [Fact]
    public async Task One_order_is_one_trace_from_the_request_to_the_push()
    {
        using var ada = shop.Shopper();
        using var dashboard = shop.App.CreateHttpClient("dashboard");
        using var listening = new CancellationTokenSource();
        var feed = Task.Run(async () =>
        {
            await foreach (var (_, _, data) in ada.ListenAsync("/api/notifications/live", cancellationToken: listening.Token))
            {
                if (data.GetProperty("kind").GetString() == "order-paid")
                    return;
            }
        });
        await ada.PlacedAsync();
        await feed;

        var spans = await Eventually.BecomesAsync(() => OrderTraceAsync(dashboard), static spans => Missing(spans).Length == 0, "the whole trace of the order", TimeSpan.FromSeconds(30));

        Assert.Single(spans, static span => span.ParentSpanId is null or "");
        Assert.All(spans.Where(static span => !string.IsNullOrEmpty(span.ParentSpanId)), span => Assert.Contains(spans, other => other.SpanId == span.ParentSpanId));
        Assert.Contains(spans, static span => span is { Resource: "payments" } && span.Attributes.ContainsKey("db.system.name"));
    }

    private static async Task<SpanLine[]> OrderTraceAsync(HttpClient dashboard)
    {
        var traces = await dashboard.GetFromJsonAsync<JsonElement>("/api/traces?text=POST%20/api/orders");
        var list = traces.ValueKind == JsonValueKind.Array ? traces : traces.GetProperty("traces");
        if (list.GetArrayLength() == 0)
            return [];
        var trace = await dashboard.GetFromJsonAsync<JsonElement>($"/api/traces/{list[0].GetProperty("traceId").GetString()}");
        return trace.GetProperty("spans").Deserialize<SpanLine[]>(JsonSerializerOptions.Web)!;
    }

    private static string[] Missing(SpanLine[] spans)
    {
        var byId = spans.ToDictionary(static span => span.SpanId, StringComparer.Ordinal);
        return [.. Expected.Where(expected => !spans.Any(span => span.Resource == expected.Resource && span.Name.Contains(expected.Name, StringComparison.Ordinal) && IsBelow(span, expected.Below)))
            .Select(static expected => $"{expected.Resource}: {expected.Name} below {expected.Below}")];

        bool IsBelow(SpanLine span, string ancestor)
        {
            if (ancestor.Length == 0)
                return true;
            for (var at = span; at.ParentSpanId is { Length: > 0 } parent && byId.TryGetValue(parent, out at!);)
            {
                if (at.Name.Contains(ancestor, StringComparison.Ordinal))
                    return true;
            }

            return false;
        }
    }

    private sealed record SpanLine(string SpanId, string? ParentSpanId, string Name, string Resource, Dictionary<string, string> Attributes)
    {
        public override string ToString() => $"{Resource}: {Name}";
    }
}
