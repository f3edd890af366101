using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shop.Messaging;
using Shop.Redis.Streams;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed class StreamEndpointTests(Servers servers)
{
    [Fact]
    public async Task A_consumer_gets_the_event_with_its_id_key_and_time()
    {
        await using var host = await StartAsync(e => e.Consumer<Recorder>());
        var key = Guid.CreateVersion7().ToString();

        await host.PublishAsync(key, 1);

        var context = await Seen(host).FirstAsync();
        var entry = Assert.Single(await host.EntriesAsync());
        Assert.Equal(new Counted(key, 1), context.Message);
        Assert.Equal(Guid.Parse((string)entry["id"]!), context.MessageId);
        Assert.Equal(Guid.Parse(key), context.CorrelationId);
        Assert.Equal("payments", context.Headers.Get<string>("shop-group"));
        Assert.Equal((string?)entry.Id, context.Headers.Get<string>("shop-entry-id"));
        Assert.Equal(DateTimeOffset.Parse((string)entry["time"]!, null).UtcDateTime, context.SentTime);
        Assert.Equal((string?)entry.Id, context.TryGetPayload<StreamDelivery>(out var delivery) ? delivery.EntryId : null);
    }

    [Fact]
    public async Task A_consumer_that_throws_once_gets_the_event_again()
    {
        await using var host = await StartAsync(e => e.Consumer<Thrower>());
        Seen(host).FailuresOf = attempt => attempt == 1 ? new FormatException("not today") : null;

        await host.PublishAsync("a", 1);

        var contexts = await Eventually.BecomesAsync(() => Task.FromResult(Seen(host).Contexts.ToArray()), contexts => contexts.Length == 2, "two attempts");
        Assert.Equal(contexts[0].MessageId, contexts[1].MessageId);
        Assert.False(contexts[0].ReceiveContext.Redelivered);
        Assert.True(contexts[1].ReceiveContext.Redelivered);
        await Eventually.BecomesAsync(() => host.Redis.GetDatabase().StreamPendingAsync($"{host.Prefix}orders:{{0}}", "payments"), pending => pending.PendingMessageCount == 0, "the acknowledgement");
    }

    [Fact]
    public async Task An_event_that_always_fails_ends_among_the_dead_with_the_exception_and_holds_nobody_up()
    {
        await using var host = await StartAsync(e => e.Consumer<Thrower>());
        Seen(host).FailuresOf = _ => new FormatException("never");

        await host.PublishAsync("a", 1);
        await host.PublishAsync("fine", 2);

        var dead = await DeadLetterAsync(host);
        Assert.Equal("payments", dead.Group);
        Assert.Equal(3, dead.Deliveries);
        Assert.Contains("never", dead.Reason, StringComparison.Ordinal);
        Assert.Contains(nameof(FormatException), dead.Exception, StringComparison.Ordinal);
        Assert.Contains(nameof(Thrower), dead.Exception, StringComparison.Ordinal);
        Assert.Contains(Seen(host).Contexts, context => context.Message.Key == "fine");
    }

    [Fact]
    public async Task A_dead_event_that_is_put_back_passes_the_inbox_and_has_its_effect_once()
    {
        await using var host = await StartAsync(e => e.Consumer<EffectThroughInbox>());
        Seen(host).FailuresOf = _ => new FormatException("never");
        await host.PublishAsync("a", 1);
        var dead = await DeadLetterAsync(host);
        Seen(host).FailuresOf = _ => null;

        Assert.NotNull(await DeadLetters(host).PutBackAsync("orders", dead.Id, TestContext.Current.CancellationToken));

        await Eventually.TrueAsync(() => Task.FromResult(Seen(host).Effects == 1), "the effect");
        Assert.Equal(0, await DeadLetters(host).CountAsync("orders", TestContext.Current.CancellationToken));
        Assert.Equal(1L, await host.ScalarAsync<long>("SELECT count(*) FROM inbox"));
    }

    [Fact]
    public async Task An_event_whose_data_cannot_be_read_ends_among_the_dead()
    {
        await using var host = await StartAsync(e => e.Consumer<Recorder>());
        var producer = new StreamProducer(host.Redis, host.Prefix);

        await producer.AppendAsync("orders", new StreamMessage(Guid.CreateVersion7(), "Counted", "a", DateTimeOffset.UnixEpoch, "{\"number\":\"not a number\"}"u8.ToArray()), TestContext.Current.CancellationToken);

        Assert.Contains("JsonException", (await DeadLetterAsync(host)).Exception, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_no_consumer_takes_is_acknowledged_silently()
    {
        await using var host = await StartAsync(e => e.Consumer<Recorder>());
        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            transaction.Enqueue("orders", "a", new Unrelated("nobody listens"));
            transaction.Enqueue("orders", "a", new Counted("a", 1));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        await Seen(host).FirstAsync();

        await Eventually.BecomesAsync(() => host.Redis.GetDatabase().StreamPendingAsync($"{host.Prefix}orders:{{0}}", "payments"), pending => pending.PendingMessageCount == 0, "both acknowledgements");
        Assert.DoesNotContain(host.Log.Lines, line => line.Level >= LogLevel.Warning && line.Id.Name != "GroupCreated");
    }

    [Fact]
    public async Task All_consumers_of_an_endpoint_get_the_event()
    {
        await using var host = await StartAsync(e => e.Consumer<Recorder>().Consumer<SecondRecorder>());

        await host.PublishAsync("a", 1);

        await Eventually.TrueAsync(() => Task.FromResult(Seen(host).By.Distinct().Order(StringComparer.Ordinal).SequenceEqual([nameof(Recorder), nameof(SecondRecorder)])), "both consumers");
    }

    [Fact]
    public async Task Two_endpoints_of_a_service_each_feed_only_their_own_consumers()
    {
        await using var host = await MessagingHost.StartAsync(servers, services => services
            .AddSingleton<SeenEvents>()
            .AddStreamEndpoint("one", "orders", e => e.Consumer<Recorder>())
            .AddStreamEndpoint("two", "elsewhere", e => e.Consumer<SecondRecorder>()));

        await host.PublishAsync("a", 1);
        await Seen(host).FirstAsync();
        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            transaction.Enqueue("elsewhere", "a", new Counted("a", 2));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(() => Task.FromResult(Seen(host).By.Count == 2), "both events");
        Assert.Equal([nameof(Recorder), nameof(SecondRecorder)], Seen(host).By);
    }

    [Fact]
    public void A_second_endpoint_for_the_same_group_and_stream_is_refused()
    {
        var services = new ServiceCollection();
        services.AddStreamEndpoint("payments", "orders", e => e.Consumer<Recorder>());

        Assert.Throws<InvalidOperationException>(() => services.AddStreamEndpoint("payments", "orders", e => e.Consumer<SecondRecorder>()));
    }

    [Fact]
    public void A_consumer_of_batches_is_refused() => Assert.Contains(
        "Batch",
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddStreamEndpoint("payments", "orders", e => e.Consumer<BatchConsumer>())).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_definitions_retry_runs_within_one_delivery()
    {
        await using var host = await StartAsync(e => e.Consumer<Thrower, RetryTwice>());
        Seen(host).FailuresOf = attempt => attempt <= 2 ? new FormatException("again") : null;

        await host.PublishAsync("a", 1);

        var contexts = await Eventually.BecomesAsync(() => Task.FromResult(Seen(host).Contexts.ToArray()), contexts => contexts.Length == 3, "three attempts");
        Assert.All(contexts, context => Assert.False(context.ReceiveContext.Redelivered));
    }

    [Fact]
    public async Task Each_event_has_a_scope_of_its_own_and_the_endpoints_filters_run()
    {
        var filtered = new ConcurrentQueue<Guid?>();
        await using var host = await MessagingHost.StartAsync(servers, services => services
            .AddSingleton<SeenEvents>()
            .AddScoped<ScopeId>()
            .AddStreamEndpoint("payments", "orders", e => e
                .Consumer<ScopedConsumer>()
                .Pipeline(pipeline => pipeline.UseExecute(context => filtered.Enqueue(context.MessageId)))));

        await host.PublishAsync("a", 1, 2);

        await Eventually.TrueAsync(() => Task.FromResult(Seen(host).Scopes.Count == 2), "two events");
        Assert.Equal(2, Seen(host).Scopes.Distinct().Count());
        Assert.Equal(2, filtered.Distinct().Count());
    }

    [Theory]
    [InlineData("publish")]
    [InlineData("send")]
    [InlineData("respond")]
    [InlineData("redeliver")]
    [InlineData("schedule")]
    [InlineData("publish endpoint")]
    [InlineData("bus")]
    public async Task What_would_vanish_in_the_bus_throws_and_names_what_to_do(string how)
    {
        await using var host = await MessagingHost.StartAsync(servers, services => services
            .AddSingleton(new Vanisher.How(how))
            .AddStreamEndpoint("payments", "orders", e => e.Consumer<Vanisher>().Group(Impatient)));

        await host.PublishAsync("a", 1);

        var dead = await DeadLetterAsync(host);
        Assert.Contains(nameof(OutboxOnlyException), dead.Exception, StringComparison.Ordinal);
        Assert.Contains(how is "redeliver" or "schedule" ? "Throw instead" : "outbox.BeginAsync", dead.Exception, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MassTransits_test_harness_sees_what_comes_from_the_stream()
    {
        await using var host = await MessagingHost.StartAsync(servers, services => services
            .AddSingleton<SeenEvents>()
            .AddStreamEndpoint("payments", "orders", e => e.Consumer<Recorder>())
            .AddMassTransitTestHarness(TextWriter.Null));
        var harness = host.Services.GetRequiredService<ITestHarness>();

        await host.PublishAsync("a", 1);

        Assert.True(await harness.Consumed.Any<Counted>(consumed => consumed.Context.Message.Number == 1, TestContext.Current.CancellationToken));
        Assert.True(await harness.GetConsumerHarness<Recorder>().Consumed.Any<Counted>(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_consume_observer_sees_the_event_and_its_failure()
    {
        var observer = new CountingObserver();
        await using var host = await MessagingHost.StartAsync(servers, services => services
            .AddSingleton<SeenEvents>()
            .AddConsumeObserver(_ => observer)
            .AddStreamEndpoint("payments", "orders", e => e.Consumer<Thrower>().Group(Impatient)));
        Seen(host).FailuresOf = attempt => attempt == 1 ? new FormatException("once") : null;

        await host.PublishAsync("a", 1);

        await Eventually.TrueAsync(() => Task.FromResult(observer is { Faults: 1, Consumed: 1 }), "one fault and one success");
    }

    [Fact]
    public async Task One_trace_leads_from_the_request_through_the_outbox_into_the_consumer()
    {
        using var spans = new RecordedSpans(MessagingTelemetry.Name, "Shop.Redis.Streams", "MassTransit", "test-request");
        using var requests = new ActivitySource("test-request");
        await using var host = await StartAsync(e => e.Consumer<Recorder>());

        ActivityTraceId trace;
        ActivitySpanId request;
        using (var activity = requests.StartActivity("request")!)
        {
            (trace, request) = (activity.TraceId, activity.SpanId);
            await host.PublishAsync("a", 1);
        }

        await Seen(host).FirstAsync();
        var ours = await Eventually.BecomesAsync(
            () => Task.FromResult(spans.Where(span => span.TraceId == trace).ToArray()), ours => ours.Any(span => span.OperationName == "process orders"), "the engine's span");
        var relay = Assert.Single(ours, span => span.OperationName == "send orders");
        var process = Assert.Single(ours, span => span.OperationName == "process orders");
        var receive = Assert.Single(ours, span => span.OperationName == "orders.payments receive");
        var consume = Assert.Single(ours, span => span.ParentSpanId == receive.SpanId);
        Assert.Equal(request, relay.ParentSpanId);
        Assert.Equal(relay.SpanId, process.ParentSpanId);
        Assert.Equal(process.SpanId, receive.ParentSpanId);
        Assert.Equal(trace, consume.TraceId);
        Assert.Equal(trace, Seen(host).Traces.Single());
        Assert.Equal(Guid.ParseExact(trace.ToHexString(), "N"), (await Seen(host).FirstAsync()).ConversationId);
    }

    private Task<MessagingHost> StartAsync(Action<StreamEndpointConfigurator> configure) => MessagingHost.StartAsync(servers, services => services
        .AddSingleton<SeenEvents>()
        .AddStreamEndpoint("payments", "orders", e => configure(e.Group(Impatient))));

    private static StreamConsumerGroupOptions Impatient(string stream, string group) => new()
    {
        Stream = stream,
        Group = group,
        MaxDeliveries = 3,
        RetryBackoff = TimeSpan.FromMilliseconds(10),
        MaxRetryBackoff = TimeSpan.FromMilliseconds(20),
    };

    private static SeenEvents Seen(MessagingHost host) => host.Services.GetRequiredService<SeenEvents>();

    private static StreamDeadLetters DeadLetters(MessagingHost host) => new(host.Redis, host.Prefix);

    private static async Task<DeadLetter> DeadLetterAsync(MessagingHost host) =>
        Assert.Single(await Eventually.BecomesAsync(() => DeadLetters(host).ListAsync("orders"), dead => dead.Count > 0, "a dead letter"));

    private sealed class CountingObserver : IConsumeObserver
    {
        private int _consumed;
        private int _faults;

        public int Consumed => Volatile.Read(ref _consumed);

        public int Faults => Volatile.Read(ref _faults);

        public Task PreConsume<T>(ConsumeContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context)
            where T : class => Task.FromResult(Interlocked.Increment(ref _consumed));

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
            where T : class => Task.FromResult(Interlocked.Increment(ref _faults));
    }
}
