using System.Text.Json.Serialization;
using Shop.Contracts;
using Shop.Redis.Jobs;

namespace Shop.Web.Bursts;

/// <summary>A burst to run.</summary>
/// <param name="Shoppers">How many shop at the same time.</param>
/// <param name="Orders">How many orders they place together.</param>
/// <param name="By">The operator who wants it.</param>
public sealed record Burst(int Shoppers, int Orders, string By)
{
    /// <summary>Tried once: a burst whose web server died is over.</summary>
    public static readonly JobType<Burst> Job = new("simulate-shoppers", Queues.Bursts, BurstJson.Default.Burst)
    {
        MaxAttempts = 1,
        Timeout = TimeSpan.FromMinutes(15),
        KeepSucceeded = TimeSpan.FromDays(1),
    };

    /// <summary>Over all replicas, while one waits or runs there is no other.</summary>
    public static readonly JobOptions OneAtATime = new() { UniqueKey = "burst" };
}

/// <summary>A burst at a moment. Latencies are of the last seconds, in milliseconds; null while there are none.</summary>
/// <param name="Id">The burst.</param>
/// <param name="Number">1 for its first sample, and one more with each.</param>
/// <param name="Seconds">Since its beginning.</param>
/// <param name="Orders">How many are to be placed.</param>
/// <param name="Placed">How many are.</param>
/// <param name="Paid">How many were seen to be paid.</param>
/// <param name="Failed">How many were refused, or not paid in time.</param>
/// <param name="PaidPerSecond">How fast, in the last seconds.</param>
/// <param name="PlaceP50">From the request to 201, for half of the orders.</param>
/// <param name="PlaceP95">The same for 19 of 20.</param>
/// <param name="PaidP50">From the request until the customer sees it paid, for half of the orders.</param>
/// <param name="PaidP95">The same for 19 of 20.</param>
/// <param name="Ended">Whether this is the last sample.</param>
public sealed record BurstSample(
    Guid Id, int Number, double Seconds, int Orders, int Placed, int Paid, int Failed, double PaidPerSecond,
    double? PlaceP50, double? PlaceP95, double? PaidP50, double? PaidP95, bool Ended);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Burst))]
[JsonSerializable(typeof(BurstSample))]
internal sealed partial class BurstJson : JsonSerializerContext;
