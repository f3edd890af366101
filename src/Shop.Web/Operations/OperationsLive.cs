using System.Runtime.CompilerServices;
using System.Text.Json;
using Shop.Web.Live;
using StackExchange.Redis;

namespace Shop.Web.Operations;

/// <summary>The system every second, for as long as an operator looks. While Redis is away they are told that.</summary>
internal static class OperationsLive
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static ServerSentEvents Follow(OperationsReader reader, TimeProvider clock, CancellationToken cancellationToken) => new(EventsAsync(reader, clock, cancellationToken));

    private static async IAsyncEnumerable<ServerSentEvent> EventsAsync(OperationsReader reader, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            yield return await LookAsync(reader, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private static async Task<ServerSentEvent> LookAsync(OperationsReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return new ServerSentEvent(null, "snapshot", JsonSerializer.Serialize(await reader.SnapshotAsync(cancellationToken), ApiJson.Default.OperationsSnapshot));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return new ServerSentEvent(null, "away", "null");
        }
    }
}
