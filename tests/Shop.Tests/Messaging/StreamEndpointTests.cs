using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Shop.Messaging;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed class StreamEndpointTests(Servers servers)
{
    [Fact]
    public async Task A_consumer_gets_the_event_with_its_id_key_and_time()
    {
        var seen = new Seen();
        await using var host = await MessagingHost.StartAsync(servers, services => services.AddSingleton(seen).AddStreamEndpoint("payments", "orders", e => e.Consumer<Recorder>()));
        var key = Guid.CreateVersion7().ToString();

        await host.PublishAsync(key, 1);

        var context = await seen.FirstAsync();
        var entry = Assert.Single(await host.EntriesAsync());
        Assert.Equal(new Counted(key, 1), context.Message);
        Assert.Equal(Guid.Parse((string)entry["id"]!), context.MessageId);
        Assert.Equal(Guid.Parse(key), context.CorrelationId);
        Assert.Equal("payments", context.Headers.Get<string>("shop-group"));
        Assert.Equal(DateTimeOffset.Parse((string)entry["time"]!, null).UtcDateTime, context.SentTime);
    }

    internal sealed class Seen
    {
        public ConcurrentQueue<ConsumeContext<Counted>> Contexts { get; } = new();

        public async Task<ConsumeContext<Counted>> FirstAsync() =>
            (await Eventually.BecomesAsync(() => Task.FromResult(Contexts.FirstOrDefault()), context => context is not null, "a consumed event"))!;
    }

    internal sealed class Recorder(Seen seen) : IConsumer<Counted>
    {
        public Task Consume(ConsumeContext<Counted> context)
        {
            seen.Contexts.Enqueue(context);
            return Task.CompletedTask;
        }
    }
}
