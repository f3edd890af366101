using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Shop.Redis.RateLimiting;

/// <summary>
/// The keys of a limit. All limits that are decided together carry the same hash tag, the rule's group or else the partition, so that a
/// script finds them on one node of a cluster.
/// <list type="table">
/// <item><term><c>…limit:{group}:fixed:policy:partition</c></term><description>STRING <c>taken end</c>; expires with the window. Its loss gives all permits back at once, as for the next two.</description></item>
/// <item><term><c>…limit:{group}:sliding:policy:partition</c></term><description>LIST of the times of the permits taken; expires a window after the last.</description></item>
/// <item><term><c>…limit:{group}:bucket:policy:partition</c></term><description>STRING, when the bucket will be full; expires then.</description></item>
/// <item><term><c>…limit-refused:{group}:policy:partition</c></term><description>STRING, how many requests this limit refused; expires <see cref="RateLimitOptions.RememberRefusals"/> after the last. Its loss costs operators the number.</description></item>
/// </list>
/// </summary>
internal sealed partial class RateLimitKeys
{
    private const int LongestPartition = 64;
    private static readonly SearchValues<char> Readable = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@+/-");

    private readonly string _limits;
    private readonly string _refused;

    public RateLimitKeys(string keyPrefix)
    {
        _limits = $"{keyPrefix}limit:{{";
        _refused = $"{keyPrefix}limit-refused:{{";
        RefusedPattern = string.Concat(_refused.Select(static c => c is '*' or '?' or '[' or ']' or '\\' or '^' ? $"\\{c}" : c.ToString())) + "*";
    }

    /// <summary>A pattern for SCAN that finds the counters of refusals and nothing else.</summary>
    public string RefusedPattern { get; }

    public static void ValidatePolicy(string policy)
    {
        if (!PolicyName().IsMatch(policy))
            throw new ArgumentException($"The name '{policy}' must be 1 to 64 characters of A-Z a-z 0-9 . _ -.", nameof(policy));
    }

    /// <summary>What stands for the partition in keys: itself, or <c>#</c> and the first half of its SHA-256.</summary>
    public static string Safe(string partition)
    {
        ArgumentException.ThrowIfNullOrEmpty(partition);
        return partition.Length <= LongestPartition && !partition.AsSpan().ContainsAnyExcept(Readable)
            ? partition
            : "#" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(partition)).AsSpan(0, 16));
    }

    public static string GroupOf(RateLimit limit) => limit.Rule.Group ?? Safe(limit.Partition);

    public RedisKey State(RateLimit limit) => $"{_limits}{GroupOf(limit)}}}:{limit.Rule.Kind}:{limit.Rule.Policy}:{Safe(limit.Partition)}";

    public RedisKey Refused(RateLimit limit) => $"{_refused}{GroupOf(limit)}}}:{limit.Rule.Policy}:{Safe(limit.Partition)}";

    /// <summary>The policy and the partition of a counter of refusals.</summary>
    public (string Policy, string Partition) Parse(string refused)
    {
        var name = refused.AsSpan(refused.IndexOf("}:", _refused.Length, StringComparison.Ordinal) + 2);
        var colon = name.IndexOf(':');
        return (name[..colon].ToString(), name[(colon + 1)..].ToString());
    }

    [GeneratedRegex(@"^[A-Za-z0-9._\-]{1,64}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex PolicyName();
}
