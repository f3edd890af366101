namespace Aspire.Hosting.ApplicationModel;

/// <summary>A node of the app model.</summary>
public interface IResource
{
    /// <summary>Unique in the model; also the name in logs, telemetry and environment variables.</summary>
    string Name { get; }

    /// <summary>What the model said about it.</summary>
    ResourceAnnotationCollection Annotations { get; }
}

/// <summary>A resource that passes environment variables to its processes.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource whose processes take command-line arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>A resource that listens somewhere.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource whose endpoints others find by its name.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

/// <summary>A resource that can wait for others before it starts.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>A resource that lives inside another.</summary>
public interface IResourceWithParent : IResource
{
    /// <summary>The resource that contains it.</summary>
    IResource Parent { get; }
}

/// <summary>A resource that clients reach with a connection string.</summary>
public interface IResourceWithConnectionString : IResource
{
    /// <summary>The connection string; null before the application has started.</summary>
    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default);

    /// <summary>The parts of the connection string, by the names that end in the environment as <c>REDIS_HOST</c> and the like.</summary>
    internal IEnumerable<KeyValuePair<string, string>> GetConnectionProperties();
}

/// <summary>A resource that this engine never runs itself. When the user configured none, references to it hand nothing over, and nobody waits for it.</summary>
internal interface IUsersOwnResource : IResource;

/// <summary>The base of all resources.</summary>
public abstract class Resource : IResource
{
    private protected Resource(string name)
    {
        if (name.Length is 0 or > 64 || !name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            throw new ArgumentException($"The resource name '{name}' is not 1 to 64 letters, digits and hyphens.", nameof(name));
        Name = name;
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public ResourceAnnotationCollection Annotations { get; } = [];
}
