using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Values that come from outside the model.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds the value <c>Parameters:name</c> of the configuration (<c>Parameters__name</c> in the environment).</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, secret, () =>
            builder.Configuration[$"Parameters:{name}"]
            ?? throw new DistributedApplicationException($"The parameter '{name}' has no value. Set Parameters__{name}, or start with --Parameters:{name}=….")));
}
