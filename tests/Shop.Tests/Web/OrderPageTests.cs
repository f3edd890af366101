using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Xunit;
using RedisException = StackExchange.Redis.RedisException;

namespace Shop.Tests.Web;

/// <summary>The order page while its grain is slow, and when it fails.</summary>
public sealed class OrderPageTests(Servers servers)
{
    private static readonly DateTimeOffset Then = new(2026, 11, 25, 7, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_page_waits_for_the_steps_of_an_order_that_it_has_already()
    {
        var steps = new TaskCompletionSource<IReadOnlyList<OrderStatusChange>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource();
        await using var web = await StartAsync(_ => { asked.SetResult(); return steps.Task; });
        using var vera = await web.SignedUpAsync();
        var id = Guid.CreateVersion7();

        var showing = vera.SendAsync(HttpMethod.Get, $"/orders/{id}");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20)); // the order is there, its steps are not
        steps.SetResult([new OrderStatusChange(id, 1, OrderStatus.Placed, Then, null), new OrderStatusChange(id, 2, OrderStatus.Paid, Then, null)]);
        using var page = await showing;

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("data-status=\"Paid\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_breaks_is_answered_with_the_page_that_says_so()
    {
        await using var web = await StartAsync(static _ => Task.FromResult<IReadOnlyList<OrderStatusChange>>([])); // an order without steps: nobody wrote that
        using var vera = await web.SignedUpAsync();

        using var page = await vera.SendAsync(HttpMethod.Get, $"/orders/{Guid.CreateVersion7()}?from=here", body: null, ("Accept", "text/html"));

        Assert.Equal(HttpStatusCode.InternalServerError, page.StatusCode);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("state-large", html, StringComparison.Ordinal);
        Assert.Contains("?from=here#main", html, StringComparison.Ordinal);
    }

    private async Task<AccountsHost> StartAsync(Func<Guid, Task<IReadOnlyList<OrderStatusChange>>> steps) =>
        await AccountsHost.StartAsync(
            await AccountsHost.Place.NewAsync(servers),
            configure: services => services.AddSingleton(GrainDoubles.Of<IClusterClient>((grain, key) => grain == typeof(IOrderGrain)
                    ? new OrderOf((Guid)key, steps)
                    : throw new RedisException($"There is no {grain.Name} here.")))); // the header does without its count of notifications

    private sealed class OrderOf(Guid id, Func<Guid, Task<IReadOnlyList<OrderStatusChange>>> steps) : IOrderGrain
    {
        public Task<Order?> GetAsync(string customer) =>
            Task.FromResult<Order?>(new Order(id, customer, OrderStatus.Placed, Money.Of(12.90m), [new OrderLine("MUG-RD", "Redis mug", 1, 12.90m)], Then, null, 1));

        public Task<IReadOnlyList<OrderStatusChange>> HistoryAsync(int after) => steps(id);

        public Task<PlaceOrderResult> PlaceAsync(PlaceOrder command) => throw new NotSupportedException();

        public Task<OrderReceipt?> ReceiptAsync() => throw new NotSupportedException();

        public Task<CancelOrderResult> CancelAsync(string customer) => throw new NotSupportedException();
    }
}
