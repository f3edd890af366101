using MassTransit;

namespace Shop.Messaging.Endpoints;

/// <summary>Refuses what MassTransit would hand to its in-process bus.</summary>
internal static class OutboxOnly
{
    /// <summary>Makes every publish and send of a bus or an endpoint throw.</summary>
    public static void Refuse(IPublishPipelineConfigurator publish, ISendPipelineConfigurator send)
    {
        publish.ConfigurePublish(static pipe => pipe.UseFilter(new RefusePublish()));
        send.ConfigureSend(static pipe => pipe.UseFilter(new RefuseSend()));
    }

    private sealed class RefusePublish : IFilter<PublishContext>
    {
        public Task Send(PublishContext context, IPipe<PublishContext> next) => throw OutboxOnlyException.ForMessage(MessageType(context));

        public void Probe(ProbeContext context) => context.CreateFilterScope("outboxOnly");
    }

    private sealed class RefuseSend : IFilter<SendContext>
    {
        public Task Send(SendContext context, IPipe<SendContext> next) => throw OutboxOnlyException.ForMessage(MessageType(context));

        public void Probe(ProbeContext context) => context.CreateFilterScope("outboxOnly");
    }

    private static Type? MessageType(SendContext context) =>
        context.GetType().GetInterfaces().FirstOrDefault(static type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(SendContext<>))?.GetGenericArguments()[0];

    /// <summary>Stands where MassTransit looks for a way to redeliver.</summary>
    public sealed class NoRedelivery : MessageRedeliveryContext
    {
        public static readonly NoRedelivery Instance = new();

        public Task ScheduleRedelivery(TimeSpan delay, Action<ConsumeContext, SendContext>? callback = null) => throw OutboxOnlyException.ForRedelivery();
    }
}
