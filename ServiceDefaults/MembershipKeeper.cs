using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using StackExchange.Redis;

namespace ServiceDefaults;

/// <summary>
/// Keeps Orleans' cluster joinable when Redis loses the membership table. After a FLUSHALL the silos that know each other go
/// on, but Orleans never writes the table again ("version is missing"), so that no silo or client can join; a silo that starts
/// then even begins a second table, and a second cluster. Every silo therefore keeps a copy of the rows, at most a second old,
/// and puts back whatever rows of living silos are missing. All silos do so at once, and the script makes that harmless.
/// </summary>
internal sealed partial class MembershipKeeper(
    IConnectionMultiplexer redis, IOptions<ClusterOptions> cluster, TimeProvider clock, ILogger<MembershipKeeper> logger) : BackgroundService
{
    private const string VersionField = "Version";

    private static readonly string RestoreScript = ReadScript();

    // The table's name as Orleans.Clustering.Redis makes it.
    private readonly RedisKey _table = $"{cluster.Value.ServiceId}/members/{cluster.Value.ClusterId}";
    private HashEntry[] _living = [];
    private long _version = -1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CheckAsync();
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                LogAway(logger, exception.Message); // Redis is away; there is nothing to restore to
            }
        }
    }

    /// <summary>Reads the table; restores it when it lost a living silo or went back in time, else remembers it.</summary>
    private async Task CheckAsync()
    {
        var database = redis.GetDatabase();
        var table = await database.HashGetAllAsync(_table);
        var version = Array.Find(table, static row => row.Name == VersionField).Value is { HasValue: true } value
            ? long.Parse(value.ToString(), CultureInfo.InvariantCulture)
            : -1;
        var present = table.Select(static row => row.Name).ToHashSet();
        if (version < _version || Array.Exists(_living, row => !present.Contains(row.Name)))
        {
            var restored = (long)await database.ScriptEvaluateAsync(
                RestoreScript, [_table], [_version, .. _living.SelectMany(static row => (RedisValue[])[row.Name, row.Value])]);
            LogRestored(logger, restored, _version);
            return; // remembered on the next tick, from what is then there
        }

        _version = version;
        _living = Array.FindAll(table, static row => row.Name != VersionField && !IsDead(row.Value));
    }

    /// <summary>Whether a row (JSON, as Orleans writes it) is of a silo that was declared dead.</summary>
    private static bool IsDead(RedisValue row)
    {
        using var json = System.Text.Json.JsonDocument.Parse(row.ToString());
        var status = json.RootElement.GetProperty("Status");
        return status.ValueKind == System.Text.Json.JsonValueKind.Number
            ? status.GetInt32() == (int)SiloStatus.Dead
            : status.GetString() == nameof(SiloStatus.Dead);
    }

    private static string ReadScript()
    {
        using var resource = typeof(MembershipKeeper).Assembly.GetManifestResourceStream("ServiceDefaults.restore_membership.lua")!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }

    [LoggerMessage(1, LogLevel.Warning, "Redis had lost Orleans' membership table (last seen at version {Version}); put back {Rows} rows")]
    private static partial void LogRestored(ILogger logger, long rows, long version);

    [LoggerMessage(2, LogLevel.Debug, "The membership table could not be read: {Error}")]
    private static partial void LogAway(ILogger logger, string error);
}
