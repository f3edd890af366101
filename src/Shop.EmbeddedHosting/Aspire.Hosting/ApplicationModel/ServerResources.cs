using Npgsql;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Redis server.</summary>
public sealed class RedisResource(string name) : Resource(name), IResourceWithConnectionString, IResourceWithArgs
{
    internal int? FixedPort { get; init; }

    internal ParameterResource? PasswordParameter { get; init; }

    /// <summary>Set by the engine: its own server's, or the one that the user configured.</summary>
    internal string? ConnectionString { get; set; }

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => new(ConnectionString);

    IEnumerable<KeyValuePair<string, string>> IResourceWithConnectionString.GetConnectionProperties()
    {
        var parts = ConnectionString!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var address = parts[0].LastIndexOf(':') is var colon and > 0 ? (Host: parts[0][..colon], Port: parts[0][(colon + 1)..]) : (Host: parts[0], Port: "6379");
        var password = Array.Find(parts, static part => part.StartsWith("password=", StringComparison.OrdinalIgnoreCase))?["password=".Length..];

        yield return new("HOST", address.Host);
        yield return new("PORT", address.Port);
        if (password is not null)
            yield return new("PASSWORD", password);
        yield return new("URI", $"redis://{(password is null ? "" : $":{Uri.EscapeDataString(password)}@")}{address.Host}:{address.Port}");
    }
}

/// <summary>A PostgreSQL server.</summary>
public sealed class PostgresServerResource(string name) : Resource(name), IResourceWithConnectionString
{
    internal int? FixedPort { get; init; }

    internal ParameterResource? PasswordParameter { get; init; }

    /// <summary>Set by the engine: its own server's, or the one that the user configured.</summary>
    internal string? ConnectionString { get; set; }

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => new(ConnectionString);

    IEnumerable<KeyValuePair<string, string>> IResourceWithConnectionString.GetConnectionProperties() => Properties(new NpgsqlConnectionStringBuilder(ConnectionString));

    internal static IEnumerable<KeyValuePair<string, string>> Properties(NpgsqlConnectionStringBuilder connection)
    {
        var database = connection.Database is { Length: > 0 } name ? name : null;
        yield return new("HOST", connection.Host!);
        yield return new("PORT", connection.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        yield return new("USERNAME", connection.Username!);
        yield return new("PASSWORD", connection.Password!);
        if (database is not null)
            yield return new("DATABASENAME", database);
        yield return new("URI", $"postgresql://{Uri.EscapeDataString(connection.Username!)}:{Uri.EscapeDataString(connection.Password!)}@{connection.Host}:{connection.Port}{(database is null ? "" : $"/{database}")}");
    }
}

/// <summary>A Kafka server. The engine runs none: it is the one that the user configured, or it is not there.</summary>
public sealed class KafkaServerResource(string name) : Resource(name), IResourceWithConnectionString, IUsersOwnResource
{
    /// <summary>Set by the engine, when the user configured one.</summary>
    internal string? ConnectionString { get; set; }

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => new(ConnectionString);

    IEnumerable<KeyValuePair<string, string>> IResourceWithConnectionString.GetConnectionProperties()
    {
        var broker = ConnectionString!.Split(',', ';')[0].Trim();
        var colon = broker.LastIndexOf(':');
        yield return new("HOST", colon > 0 ? broker[..colon] : broker);
        yield return new("PORT", colon > 0 ? broker[(colon + 1)..] : "9092");
    }
}

/// <summary>A database on a PostgreSQL server; created when it is missing.</summary>
public sealed class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent) : Resource(name), IResourceWithConnectionString, IResourceWithParent
{
    /// <summary>The server.</summary>
    public PostgresServerResource Parent => parent;

    /// <summary>The name inside the server.</summary>
    public string DatabaseName => databaseName;

    IResource IResourceWithParent.Parent => parent;

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        new(parent.ConnectionString is null ? null : Connection().ConnectionString);

    IEnumerable<KeyValuePair<string, string>> IResourceWithConnectionString.GetConnectionProperties() => PostgresServerResource.Properties(Connection());

    private NpgsqlConnectionStringBuilder Connection() => new(parent.ConnectionString) { Database = databaseName };
}

/// <summary>A value from configuration, <c>Parameters:&lt;name&gt;</c>.</summary>
public sealed class ParameterResource(string name, bool secret, Func<string> value) : Resource(name)
{
    /// <summary>Whether it is kept out of logs.</summary>
    public bool Secret => secret;

    /// <summary>The value; fails when it is not configured.</summary>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(value());
}
