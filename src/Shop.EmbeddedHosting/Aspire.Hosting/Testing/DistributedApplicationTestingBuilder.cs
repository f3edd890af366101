using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Shop.EmbeddedHosting.Engine;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost's own <c>Program</c> inside a test: with throw-away data, free ports for everything, no dashboard (unless
/// <c>--dashboard=true</c>) and a silent console.
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the AppHost up to its <c>Build()</c>. <typeparamref name="TEntryPoint"/> is any class of its assembly, by custom <c>Projects.AppHost</c>.</summary>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default) where TEntryPoint : class =>
        CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>The same with a command line.</summary>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default) where TEntryPoint : class
    {
        var session = new TestingSession(typeof(TEntryPoint).Assembly);
        var builder = await session.RunEntryPointAsync(args).WaitAsync(cancellationToken).ConfigureAwait(false);
        return new TestingBuilder(session, builder);
    }

    private sealed class TestingBuilder(TestingSession session, IDistributedApplicationBuilder builder) : IDistributedApplicationTestingBuilder
    {
        public ConfigurationManager Configuration => builder.Configuration;

        public string AppHostDirectory => builder.AppHostDirectory;

        public IReadOnlyList<IResource> Resources => builder.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => builder.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => builder.CreateResourceBuilder(resource);

        public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) => session.BuildAsync().WaitAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            session.End();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>An AppHost's model inside a test, open for changes until <see cref="BuildAsync"/>.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable
{
    /// <summary>Ends the model.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
