using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;
using Shop.Messaging;
using Shop.Testing;

namespace Shop.Tests.Messaging;

/// <summary>What the consumers of one host saw.</summary>
internal sealed class SeenEvents
{
    private int _attempts;
    private int _effects;

    public ConcurrentQueue<ConsumeContext<Counted>> Contexts { get; } = new();

    public ConcurrentQueue<string> By { get; } = new();

    public ConcurrentQueue<Guid> Scopes { get; } = new();

    public ConcurrentQueue<ActivityTraceId> Traces { get; } = new();

    /// <summary>What the n-th attempt fails with.</summary>
    public Func<int, Exception?> FailuresOf { get; set; } = static _ => null;

    public int Effects => Volatile.Read(ref _effects);

    public void Effect() => Interlocked.Increment(ref _effects);

    public void Record(object consumer, ConsumeContext<Counted> context)
    {
        Contexts.Enqueue(context);
        By.Enqueue(consumer.GetType().Name);
        if (Activity.Current is { } activity)
            Traces.Enqueue(activity.TraceId);
    }

    public void MaybeThrow()
    {
        if (FailuresOf(Interlocked.Increment(ref _attempts)) is { } failure)
            throw failure;
    }

    public async Task<ConsumeContext<Counted>> FirstAsync() =>
        (await Eventually.BecomesAsync(() => Task.FromResult(Contexts.FirstOrDefault()), context => context is not null, "a consumed event"))!;
}

internal sealed class Recorder(SeenEvents seen) : IConsumer<Counted>
{
    public Task Consume(ConsumeContext<Counted> context)
    {
        seen.Record(this, context);
        return Task.CompletedTask;
    }
}

internal sealed class SecondRecorder(SeenEvents seen) : IConsumer<Counted>
{
    public Task Consume(ConsumeContext<Counted> context)
    {
        seen.Record(this, context);
        return Task.CompletedTask;
    }
}

/// <summary>Throws what the test asks for, except for the key <c>fine</c>.</summary>
internal sealed class Thrower(SeenEvents seen) : IConsumer<Counted>
{
    public Task Consume(ConsumeContext<Counted> context)
    {
        seen.Record(this, context);
        if (context.Message.Key != "fine")
            seen.MaybeThrow();
        return Task.CompletedTask;
    }
}

internal sealed class RetryTwice : ConsumerDefinition<Thrower>
{
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<Thrower> consumerConfigurator, IRegistrationContext context) =>
        consumerConfigurator.UseMessageRetry(retry => retry.Immediate(2));
}

internal sealed class EffectThroughInbox(SeenEvents seen, Outbox outbox) : IConsumer<Counted>
{
    public async Task Consume(ConsumeContext<Counted> context)
    {
        await using var transaction = await outbox.BeginAsync(context.CancellationToken);
        if (!await Inbox.TryRecordAsync(transaction, "effect", context.MessageId!.Value, context.CancellationToken))
            return;

        seen.MaybeThrow();
        await transaction.CommitAsync(context.CancellationToken);
        seen.Effect();
    }
}

internal sealed class ScopeId
{
    public Guid Value { get; } = Guid.CreateVersion7();
}

internal sealed class ScopedConsumer(SeenEvents seen, ScopeId scope) : IConsumer<Counted>
{
    public Task Consume(ConsumeContext<Counted> context)
    {
        seen.Scopes.Enqueue(scope.Value);
        return Task.CompletedTask;
    }
}

/// <summary>Tries every way to send something through MassTransit.</summary>
internal sealed class Vanisher(Vanisher.How how, IPublishEndpoint publishEndpoint, IBus bus) : IConsumer<Counted>
{
    internal sealed record How(string Name);

    public Task Consume(ConsumeContext<Counted> context) => how.Name switch
    {
        "publish" => context.Publish(new Unrelated("gone")),
        "send" => context.Send(new Uri("queue:somewhere"), new Unrelated("gone")),
        "respond" => context.RespondAsync(new Unrelated("gone")),
        "redeliver" => context.Redeliver(TimeSpan.FromMinutes(1)),
        "schedule" => context.ScheduleSend(TimeSpan.FromMinutes(1), new Unrelated("gone")),
        "publish endpoint" => publishEndpoint.Publish(new Unrelated("gone")),
        "bus" => bus.Publish(new Unrelated("gone")),
        _ => throw new ArgumentOutOfRangeException(how.Name),
    };
}

internal sealed class BatchConsumer : IConsumer<Batch<Counted>>
{
    public Task Consume(ConsumeContext<Batch<Counted>> context) => Task.CompletedTask;
}
