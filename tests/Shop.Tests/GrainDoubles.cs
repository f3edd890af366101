using System.Reflection;

namespace Shop.Tests;

/// <summary>Stands for the cluster: <c>GetGrain</c> answers with an object of the test's own.</summary>
public class GrainDoubles : DispatchProxy
{
    private Func<Type, object, object>? _create;

    /// <summary>A factory whose references are made by <paramref name="create"/>, from the interface and the key.</summary>
    public static IGrainFactory Of(Func<Type, object, object> create) => Of<IGrainFactory>(create);

    /// <summary>The same as a client of the cluster.</summary>
    public static TFactory Of<TFactory>(Func<Type, object, object> create) where TFactory : class, IGrainFactory
    {
        var factory = Create<TFactory, GrainDoubles>();
        ((GrainDoubles)(object)factory)._create = create;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod is { Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true } && args is [{ } key, ..]
            ? _create!(targetMethod.GetGenericArguments()[0], key)
            : throw new NotSupportedException($"The double of the cluster has no {targetMethod}.");
}
