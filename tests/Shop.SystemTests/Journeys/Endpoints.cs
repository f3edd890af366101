namespace Shop.SystemTests.Journeys;

/// <summary>Who may call an endpoint.</summary>
public enum Caller
{
    Anybody,
    Customer,
    Operator,
}

/// <summary>An endpoint of the public API, and how it is called wrongly.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Template">Its path, as OpenAPI writes it.</param>
/// <param name="Caller">Who may call it.</param>
public sealed record Endpoint(string Method, string Template, Caller Caller)
{
    /// <summary>A path that exists as far as routing can tell.</summary>
    public string Path { get; init; } = Template;

    /// <summary>The path of a thing that is not there: 404.</summary>
    public string? Missing { get; init; }

    /// <summary>A path with a parameter that cannot be, or together with <see cref="Body"/> a path whose body cannot be.</summary>
    public string? Bad { get; init; }

    /// <summary>The body sent to <see cref="Bad"/>.</summary>
    public string? Body { get; init; }

    /// <summary>What the 400 must name.</summary>
    public string? Field { get; init; }

    /// <summary>Reads a body; some may be left out.</summary>
    public bool TakesBody => Body is not null;

    public bool Writes => Method is not "GET";

    public override string ToString() => $"{Method} {Template}";

    /// <summary>Every endpoint that there is; a test compares it with the OpenAPI document.</summary>
    public static IReadOnlyList<Endpoint> All { get; } =
    [
        new("POST", "/api/accounts", Caller.Anybody) { Bad = "/api/accounts", Body = """{"email":"nobody","password":"long enough for it","name":"N"}""", Field = "email" },
        new("POST", "/api/session", Caller.Anybody) { Bad = "/api/session", Body = "{}", Field = "email" },
        new("GET", "/api/session", Caller.Customer),
        new("DELETE", "/api/session", Caller.Anybody),
        new("GET", "/api/sessions", Caller.Customer),
        new("DELETE", "/api/sessions/{id}", Caller.Customer) { Path = $"/api/sessions/{Nobody}", Missing = $"/api/sessions/{Nobody}" },
        new("POST", "/api/tokens", Caller.Customer) { Bad = "/api/tokens", Body = """{"name":""}""", Field = "name" },
        new("GET", "/api/tokens", Caller.Customer),
        new("DELETE", "/api/tokens/{id}", Caller.Customer) { Path = $"/api/tokens/{Nobody}", Missing = $"/api/tokens/{Nobody}" },

        new("GET", "/api/products", Caller.Anybody) { Bad = "/api/products?page=0", Field = "page" },
        new("GET", "/api/products/categories", Caller.Anybody),
        new("GET", "/api/products/{sku}", Caller.Anybody) { Path = "/api/products/MUG-RD", Missing = "/api/products/NO-SUCH" },
        new("PATCH", "/api/products/{sku}", Caller.Operator) { Path = "/api/products/MUG-RD", Missing = "/api/products/NO-SUCH", Bad = "/api/products/MUG-RD", Body = """{"price":0}""", Field = "price" },

        new("POST", "/api/orders", Caller.Customer) { Bad = "/api/orders", Body = "{}", Field = "lines" },
        new("GET", "/api/orders", Caller.Customer) { Bad = "/api/orders?after=x", Field = "after" },
        new("GET", "/api/orders/{id}", Caller.Customer) { Path = $"/api/orders/{Nobody}", Missing = $"/api/orders/{Nobody}" },
        new("POST", "/api/orders/{id}/cancel", Caller.Customer) { Path = $"/api/orders/{Nobody}/cancel", Missing = $"/api/orders/{Nobody}/cancel" },
        new("GET", "/api/orders/{id}/live", Caller.Customer) { Path = $"/api/orders/{Nobody}/live", Missing = $"/api/orders/{Nobody}/live" },

        new("POST", "/api/games/{game}/runs", Caller.Customer) { Path = "/api/games/parcels/runs", Missing = "/api/games/no-such-game/runs" },
        new("POST", "/api/games/{game}/scores", Caller.Customer)
        {
            Path = "/api/games/parcels/scores", Bad = "/api/games/parcels/scores", Body = """{"score":-1}""", Field = "score", Missing = "/api/games/no-such-game/scores",
        },
        new("GET", "/api/games/{game}/leaderboard", Caller.Anybody)
        {
            Path = "/api/games/parcels/leaderboard", Bad = "/api/games/parcels/leaderboard?window=month", Field = "window", Missing = "/api/games/no-such-game/leaderboard",
        },
        new("GET", "/api/games/{game}/leaderboard/live", Caller.Anybody)
        {
            Path = "/api/games/parcels/leaderboard/live", Bad = "/api/games/parcels/leaderboard/live?top=0", Field = "top", Missing = "/api/games/no-such-game/leaderboard/live",
        },
        new("GET", "/api/games/{game}/leaderboard/me", Caller.Customer)
        {
            Path = "/api/games/parcels/leaderboard/me", Bad = "/api/games/parcels/leaderboard/me?around=51", Field = "around", Missing = "/api/games/nobody-played-this/leaderboard/me",
        },
        new("GET", "/api/games/{game}/seasons/{season}", Caller.Anybody)
        {
            Path = "/api/games/parcels/seasons/2024-01", Bad = "/api/games/parcels/seasons/2026-13", Field = "season", Missing = "/api/games/parcels/seasons/2024-01",
        },

        new("GET", "/api/notifications", Caller.Customer) { Bad = "/api/notifications?after=-1", Field = "after" },
        new("GET", "/api/notifications/live", Caller.Customer),

        new("GET", "/api/chat/rooms", Caller.Customer),
        new("GET", "/api/chat/rooms/{room}/messages", Caller.Customer) { Path = "/api/chat/rooms/lobby/messages", Bad = "/api/chat/rooms/lobby/messages?take=0", Field = "take", Missing = "/api/chat/rooms/no-such-room/messages" },
        new("POST", "/api/chat/rooms/{room}/messages", Caller.Customer)
        {
            Path = "/api/chat/rooms/lobby/messages", Bad = "/api/chat/rooms/lobby/messages", Body = "{}", Field = "text", Missing = "/api/chat/rooms/no-such-room/messages",
        },
        new("DELETE", "/api/chat/rooms/{room}/messages/{sequence}", Caller.Operator) { Path = "/api/chat/rooms/lobby/messages/999999999", Missing = "/api/chat/rooms/lobby/messages/999999999" },
        new("POST", "/api/chat/rooms/{room}/typing", Caller.Customer) { Path = "/api/chat/rooms/lobby/typing", Missing = "/api/chat/rooms/no-such-room/typing" },
        new("GET", "/api/chat/rooms/{room}/live", Caller.Customer) { Path = "/api/chat/rooms/lobby/live", Missing = "/api/chat/rooms/no-such-room/live" },

        new("GET", "/api/operations/streams", Caller.Operator),
        new("GET", "/api/operations/streams/{stream}", Caller.Operator) { Path = "/api/operations/streams/orders", Missing = "/api/operations/streams/no-such" },
        new("GET", "/api/operations/dead-letters", Caller.Operator),
        new("GET", "/api/operations/dead-letters/{stream}", Caller.Operator)
        {
            Path = "/api/operations/dead-letters/orders", Bad = "/api/operations/dead-letters/orders?after=yesterday", Field = "after", Missing = "/api/operations/dead-letters/no-such",
        },
        new("GET", "/api/operations/dead-letters/{stream}/{id}", Caller.Operator) { Path = "/api/operations/dead-letters/orders/1-1", Missing = "/api/operations/dead-letters/orders/1-1" },
        new("POST", "/api/operations/dead-letters/{stream}/{id}/put-back", Caller.Operator) { Path = "/api/operations/dead-letters/orders/1-1/put-back", Missing = "/api/operations/dead-letters/orders/1-1/put-back" },
        new("DELETE", "/api/operations/dead-letters/{stream}/{id}", Caller.Operator) { Path = "/api/operations/dead-letters/orders/1-1", Missing = "/api/operations/dead-letters/orders/1-1" },
        new("GET", "/api/operations/locks", Caller.Operator) { Bad = "/api/operations/locks?take=0", Field = "take" },
        new("GET", "/api/operations/jobs", Caller.Operator),
        new("GET", "/api/operations/jobs/{queue}", Caller.Operator) { Path = "/api/operations/jobs/mail", Bad = "/api/operations/jobs/mail?state=lost", Field = "state", Missing = "/api/operations/jobs/no-such" },
        new("GET", "/api/operations/jobs/{queue}/{id}", Caller.Operator) { Path = $"/api/operations/jobs/mail/{Nobody}", Missing = $"/api/operations/jobs/mail/{Nobody}" },
        new("POST", "/api/operations/jobs/{queue}/{id}/retry", Caller.Operator) { Path = $"/api/operations/jobs/mail/{Nobody}/retry", Missing = $"/api/operations/jobs/mail/{Nobody}/retry" },
        new("POST", "/api/operations/jobs/{queue}/{id}/cancel", Caller.Operator)
        {
            Path = $"/api/operations/jobs/mail/{Nobody}/cancel", Missing = $"/api/operations/jobs/mail/{Nobody}/cancel",
            Bad = $"/api/operations/jobs/mail/{Nobody}/cancel", Body = $$"""{"reason":"{{new string('x', 501)}}"}""", Field = "reason",
        },
        new("GET", "/api/operations/settlements", Caller.Operator) { Bad = "/api/operations/settlements?from=yesterday", Field = "from" },
        new("POST", "/api/operations/settlements/{day}", Caller.Operator) { Path = "/api/operations/settlements/2024-01-01", Bad = "/api/operations/settlements/yesterday", Field = "day" },
        new("GET", "/api/operations/live", Caller.Operator),
        new("POST", "/api/operations/burst", Caller.Operator) { Bad = "/api/operations/burst", Body = """{"shoppers":0,"orders":10}""", Field = "shoppers" },
        new("GET", "/api/operations/burst", Caller.Operator) { Missing = "/api/operations/burst" },
        new("DELETE", "/api/operations/burst", Caller.Operator) { Missing = "/api/operations/burst" },
        new("GET", "/api/operations/burst/live", Caller.Operator),
        new("GET", "/api/operations/limits", Caller.Operator) { Bad = "/api/operations/limits?take=0", Field = "take" },
        new("GET", "/api/operations/limits/{policy}", Caller.Operator)
        {
            Path = "/api/operations/limits/requests?partition=user:nobody", Bad = "/api/operations/limits/requests", Field = "partition", Missing = "/api/operations/limits/no-such?partition=user:nobody",
        },
    ];

    private const string Nobody = "019384c5-0000-7000-8000-000000000000";
}
