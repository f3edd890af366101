namespace Aspire.Hosting;

/// <summary>A project of the solution; the build generates one such class per reference of the AppHost, in the namespace <c>Projects</c>.</summary>
public interface IProjectMetadata
{
    /// <summary>The full path of the project file.</summary>
    string ProjectPath { get; }
}
