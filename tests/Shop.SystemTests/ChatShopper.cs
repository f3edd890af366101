using System.Net;
using System.Text.Json;

namespace Shop.SystemTests;

/// <summary>What a shopper does in the chat; patiently: a request that is answered with 503, or not at all, is sent again, as it was.</summary>
internal static class ChatShopper
{
    /// <summary>For a process that was killed to come back on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static string MessagesOf(string room) => $"/api/chat/rooms/{room}/messages";

    public static Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(
        this Shopper shopper, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers) => Eventually.BecomesAsync(
        async () =>
        {
            try
            {
                return await shopper.CallAsync(method, path, body, headers);
            }
            catch (HttpRequestException)
            {
                return (HttpStatusCode.ServiceUnavailable, default); // the web replica died under the request
            }
        },
        static answer => answer.Status is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway), // 502: the proxy, when a replica dies under a request
        $"an answer to {method} {path}",
        Patience);

    public static Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(this Shopper shopper, string path) => shopper.AskAsync(HttpMethod.Get, path);

    public static Task<(HttpStatusCode Status, JsonElement Body)> SayAsync(this Shopper shopper, string room, string text, string? key = null) =>
        shopper.AskAsync(HttpMethod.Post, MessagesOf(room), new { text }, ("Idempotency-Key", key ?? Guid.CreateVersion7().ToString()));

    /// <summary>Posts a message that must be accepted in the end, and answers its sequence.</summary>
    public static async Task<long> SaidAsync(this Shopper shopper, string room, string text)
    {
        var key = Guid.CreateVersion7().ToString();
        var (status, body) = await Eventually.BecomesAsync(
            () => shopper.SayAsync(room, text, key), static answer => answer.Status is not HttpStatusCode.TooManyRequests, $"'{text}' to be accepted", Patience);
        return status is HttpStatusCode.Created or HttpStatusCode.OK ? body.GetProperty("sequence").GetInt64() : throw new InvalidOperationException($"'{text}' was answered with {(int)status}: {body}");
    }

    /// <summary>The room's newest item: a listener who begins after it hears only what is said from now on.</summary>
    public static async Task<long> LastAsync(this Shopper shopper, string room) => (await shopper.AskAsync($"{MessagesOf(room)}?take=1")).Body.GetProperty("last").GetInt64();
}
