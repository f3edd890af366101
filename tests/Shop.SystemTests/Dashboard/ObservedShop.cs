using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;

namespace Shop.SystemTests.Dashboard;

/// <summary>The application with its dashboard, which collects what the services export.</summary>
public sealed class ObservedShop() : ShopApp(["--dashboard=true", $"--dashboard-token={Token}"])
{
    public const string Token = "a-token-of-the-tests";

    /// <summary>A program that has the dashboard's token.</summary>
    public HttpClient Dashboard()
    {
        var client = App.CreateHttpClient("dashboard");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return client;
    }

    /// <summary>Places an order, and returns when its owner's open page has heard that it is paid.</summary>
    public async Task<Guid> PaidOrderAsync()
    {
        using var ada = Shopper();
        using var listening = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var opened = new TaskCompletionSource();
        var feed = Task.Run(async () =>
        {
            opened.SetResult();
            await foreach (var (_, _, data) in ada.ListenAsync("/api/notifications/live", cancellationToken: listening.Token))
            {
                if (data.GetProperty("kind").GetString() == "order-paid")
                    return;
            }

            throw new InvalidOperationException("The feed ended before the order was paid.");
        });
        await opened.Task;
        var order = await ada.PlacedAsync();
        await feed;
        return order;
    }

    /// <summary>The spans of the order's trace, once they are all that is asked for.</summary>
    public static Task<SpanLine[]> TraceOfAsync(HttpClient dashboard, Guid order, Func<SpanLine[], string[]> missing) =>
        TraceOfAsync(dashboard, "POST /api/orders", $"{order:N}", missing);

    /// <summary>The newest trace of this name in which this text occurs.</summary>
    public static Task<SpanLine[]> TraceOfAsync(HttpClient dashboard, string name, string text, Func<SpanLine[], string[]> missing) =>
        Eventually.BecomesAsync(() => FindAsync(dashboard, name, text), spans => spans.Length > 0 && missing(spans).Length == 0, $"the whole trace of {name} with {text}", TimeSpan.FromMinutes(1));

    private static async Task<SpanLine[]> FindAsync(HttpClient dashboard, string name, string text)
    {
        var traces = (await dashboard.GetFromJsonAsync<JsonElement[]>($"/api/traces?text={Uri.EscapeDataString(text)}"))!;
        if (Array.Find(traces, trace => trace.GetProperty("name").GetString()!.StartsWith(name, StringComparison.Ordinal)) is not { ValueKind: JsonValueKind.Object } found)
            return [];
        var trace = await dashboard.GetFromJsonAsync<JsonElement>($"/api/traces/{found.GetProperty("traceId").GetString()}");
        return trace.GetProperty("spans").Deserialize<SpanLine[]>(JsonSerializerOptions.Web)!;
    }
}

/// <summary>A span as the dashboard has it.</summary>
public sealed record SpanLine(string TraceId, string SpanId, string? ParentSpanId, string Name, string Resource, string Scope, string Kind, Dictionary<string, string> Attributes)
{
    public override string ToString() => $"{Resource}: {Name} [{Scope}]";
}

/// <summary>Tests that only look at it share one.</summary>
[CollectionDefinition(nameof(SharedObservedShop))]
public sealed class SharedObservedShop : ICollectionFixture<ObservedShop>;
