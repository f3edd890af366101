namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource while the model is built.</summary>
/// <typeparam name="T">The kind of resource.</typeparam>
public interface IResourceBuilder<out T> where T : IResource
{
    /// <summary>The builder of the whole model.</summary>
    IDistributedApplicationBuilder ApplicationBuilder { get; }

    /// <summary>The resource.</summary>
    T Resource { get; }
}

internal sealed class ResourceBuilder<T>(IDistributedApplicationBuilder application, T resource) : IResourceBuilder<T> where T : IResource
{
    public IDistributedApplicationBuilder ApplicationBuilder => application;

    public T Resource => resource;
}

internal static class Annotating
{
    public static IResourceBuilder<T> With<T>(this IResourceBuilder<T> builder, params IEnumerable<IResourceAnnotation> annotations) where T : IResource
    {
        foreach (var annotation in annotations)
            builder.Resource.Annotations.Add(annotation);
        return builder;
    }

    /// <summary>Like <see cref="With{T}"/>, in place of an earlier statement of the same kind.</summary>
    public static IResourceBuilder<T> WithOnly<T, TAnnotation>(this IResourceBuilder<T> builder, TAnnotation annotation)
        where T : IResource
        where TAnnotation : IResourceAnnotation
    {
        foreach (var earlier in builder.Resource.Annotations.OfType<TAnnotation>().ToList())
            builder.Resource.Annotations.Remove(earlier);
        return builder.With(annotation);
    }
}
