using System.Collections.Concurrent;
using System.Net;

namespace Shop.SystemTests.Faults;

/// <summary>
/// Customers who order all at once while something breaks. Each sends an order until it is answered with 201 or 200 (the same
/// key every time, as a careful client does), and notes how long every single request took.
/// </summary>
internal sealed class Burst(ShopApp shop)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentBag<AcceptedOrder> _accepted = [];
    private readonly ConcurrentBag<(TimeSpan Took, int Status)> _requests = [];

    public IReadOnlyCollection<AcceptedOrder> Accepted => _accepted;

    /// <summary>The longest that any one request took.</summary>
    public TimeSpan Longest => _requests.Max(static request => request.Took);

    /// <summary>Requests that were not accepted at the first try, by status; 0 is a broken connection.</summary>
    public string Refusals => string.Join(", ", _requests.Where(static request => request.Status is not 201 and not 200).CountBy(static request => request.Status).Select(static pair => $"{pair.Value} × {pair.Key}"));

    /// <summary>Sends <paramref name="orders"/> orders from <paramref name="customers"/> customers at once, and calls <paramref name="fault"/> when a third is accepted.</summary>
    public async Task RunAsync(int customers, int orders, Func<Task> fault)
    {
        var left = orders;
        var faulted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var fallOut = Task.Run(async () =>
        {
            await faulted.Task;
            await fault();
        });
        await Task.WhenAll(Enumerable.Range(0, customers).Select(async number =>
        {
            using var shopper = shop.Shopper($"burst-{number}");
            await shopper.SignUpAsync();
            while (Interlocked.Decrement(ref left) is >= 0 and var remaining)
            {
                await PlaceAsync(shopper, remaining % 5 == 0 ? Shopper.IsDeclined : Shopper.Pays);
                if (_accepted.Count >= orders / 3)
                    faulted.TrySetResult();
            }
        }));
        await fallOut;
    }

    private async Task PlaceAsync(Shopper shopper, string card)
    {
        var key = Guid.CreateVersion7().ToString();
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var sent = TimeProvider.System.GetTimestamp();
            try
            {
                var (status, body) = await shopper.PlaceAsync("MUG-RD", quantity: 1, card, key);
                _requests.Add((TimeProvider.System.GetElapsedTime(sent), (int)status));
                if (status is HttpStatusCode.Created or HttpStatusCode.OK)
                {
                    _accepted.Add(new AcceptedOrder(body.GetProperty("id").GetGuid(), shopper.Customer, card == Shopper.Pays ? "Paid" : "Declined"));
                    return;
                }
            }
            catch (HttpRequestException)
            {
                _requests.Add((TimeProvider.System.GetElapsedTime(sent), 0)); // the web replica died under the request
            }

            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"An order was not accepted within {Patience.TotalSeconds} s; the answers were {Refusals}.");
            await timer.WaitForNextTickAsync();
        }
    }
}

/// <summary>An order that was answered with 201, and how it must end.</summary>
internal sealed record AcceptedOrder(Guid Id, string Customer, string End);
