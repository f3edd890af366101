using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>What is to run.</summary>
/// <param name="Resources">In the order in which the model adds them.</param>
/// <param name="AppHost">The assembly that holds the model and the generated <c>Projects</c>.</param>
internal sealed record AppModel(IReadOnlyList<IResource> Resources, Assembly? AppHost)
{
    /// <summary>The resources that must be there for <paramref name="resource"/> to work, and so are stopped after it.</summary>
    public static IEnumerable<IResource> UsedBy(IResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Select(static wait => wait.Target)
            .Concat(resource.Annotations.OfType<ReferenceAnnotation>().Select(static reference => reference.Target))
            .Concat(resource is IResourceWithParent child ? [child.Parent] : [])
            .Distinct();

    /// <summary>The generated class of a project that the AppHost refers to, if it does.</summary>
    public IProjectMetadata? Project(string className) =>
        AppHost?.GetType($"Projects.{className}") is { } type ? (IProjectMetadata)Activator.CreateInstance(type)! : null;
}
