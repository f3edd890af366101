using Aspire.Hosting;

namespace Shop.EmbeddedHosting;

/// <summary>A project whose assembly the AppHost's build has made; implemented by the generated <c>Projects</c> classes.</summary>
public interface IBuiltProject : IProjectMetadata
{
    /// <summary>The full path of the assembly to run.</summary>
    string AssemblyPath { get; }
}
