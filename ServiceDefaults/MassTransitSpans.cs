using System.Diagnostics;
using OpenTelemetry;

namespace ServiceDefaults;

/// <summary>
/// MassTransit names its spans and attributes after conventions of 2021, and addresses that our streams do not have. This puts
/// them into today's words: the span says which consumer ran, and <c>messaging.*</c> says what, as everywhere else.
/// </summary>
internal sealed class MassTransitSpans : BaseProcessor<Activity>
{
    private const string ConsumerType = "messaging.masstransit.consumer_type";

    private static readonly string[] Meaningless =
    [
        ConsumerType, "messaging.operation", "messaging.masstransit.message_id", "messaging.masstransit.input_address",
        "messaging.masstransit.destination_address", "messaging.masstransit.message_types", "messaging.masstransit.correlation_id",
        "messaging.message.conversation_id", "peer.address",
    ];

    public override void OnEnd(Activity data)
    {
        if (data.Source.Name != "MassTransit" || data.GetTagItem(ConsumerType) is not string consumer)
            return;

        var message = data.GetTagItem("messaging.masstransit.message_id");
        var type = (data.GetTagItem("peer.address") as string)?.Split('/')[0];
        foreach (var tag in Meaningless)
            data.SetTag(tag, null);
        data.DisplayName = $"consume {consumer[(consumer.LastIndexOf('.') + 1)..]}";
        data.SetTag("messaging.system", "redis_streams")
            .SetTag("messaging.operation.type", "process")
            .SetTag("messaging.operation.name", "consume")
            .SetTag("messaging.message.id", message)
            .SetTag("shop.message.type", type)
            .SetTag("code.function.name", $"{consumer}.Consume");
    }
}
