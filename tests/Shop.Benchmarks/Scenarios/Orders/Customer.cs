using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>Somebody who is signed in, with one request under way at a time.</summary>
internal sealed class Customer(HttpConnection connection, string cookie) : IDisposable
{
    /// <summary>Places an order of two lines; answers its id.</summary>
    public async Task<Guid> PlaceAsync()
    {
        await SendAsync(OrderRequests.Http(cookie), expected: 201);
        var answer = connection.LastAnswer;
        return Guid.Parse(answer.AsSpan(answer.IndexOf("\"id\":\"", StringComparison.Ordinal) + 6, 36));
    }

    public Task GetAsync(string path) => SendAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"), expected: 200);

    public void Dispose() => connection.Dispose();

    private async Task SendAsync(byte[] request, int expected)
    {
        var status = await connection.SendAsync(request);
        if (status != expected)
            throw new InvalidOperationException($"The shop answered {status} in place of {expected}:\n{connection.LastAnswer}");
    }
}
