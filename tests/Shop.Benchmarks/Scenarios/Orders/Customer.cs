using System.Text;
using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>Somebody who is signed in, with one request under way at a time.</summary>
internal sealed class Customer(HttpConnection connection, string cookie) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1); // what a 503 of the shop asks for

    /// <summary>Places an order of two lines; answers its id. A 503 is answered as it asks: with the same request again, a second later.</summary>
    public async Task<Guid> PlaceAsync()
    {
        var request = OrderRequests.Http(cookie);
        using var pause = new PeriodicTimer(Pause);
        int status;
        while ((status = await connection.SendAsync(request)) == 503)
            await pause.WaitForNextTickAsync();
        if (status is not (200 or 201)) // 200: a try that was answered 503 has placed it
            throw Unexpected("an order");
        var answer = connection.LastAnswer;
        return Guid.Parse(answer.AsSpan(answer.IndexOf("\"id\":\"", StringComparison.Ordinal) + 6, 36));
    }

    /// <summary>Reads a page.</summary>
    public async Task GetAsync(string path)
    {
        if (await connection.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n")) != 200)
            throw Unexpected("the page");
    }

    public void Dispose() => connection.Dispose();

    private InvalidOperationException Unexpected(string expected) => new($"The shop did not answer with {expected}:\n{connection.LastAnswer}");
}
