using Shop.Dashboard.Protocol;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Resources;

/// <summary>What the engine said last of its resources.</summary>
internal sealed class ResourceStore(Changes changes, ResourceNames names)
{
    private volatile IReadOnlyList<ResourceSnapshot> _all = [];
    private volatile bool _connected;

    /// <summary>In the model's order; what was known last when the engine has gone.</summary>
    public IReadOnlyList<ResourceSnapshot> All => _all;

    /// <summary>Whether the engine can be asked.</summary>
    public bool IsConnected => _connected;

    public ResourceSnapshot? Find(string name) => _all.FirstOrDefault(resource => resource.Name == name);

    /// <summary>The resources that use this one.</summary>
    public IEnumerable<ResourceSnapshot> UsersOf(string name) => _all.Where(resource => resource.References.Contains(name));

    public void Replace(IReadOnlyList<ResourceSnapshot> all)
    {
        // Services first: their colours stand side by side in a trace, and the first ones differ most.
        foreach (var resource in all.OrderBy(static resource => resource.Kind == "project" ? 0 : 1))
            names.Note(resource.Name);
        _all = all;
        changes.Note(Changes.Resources);
    }

    public void Connected(bool connected)
    {
        if (_connected == connected)
            return;
        _connected = connected;
        changes.Note(Changes.Resources);
    }
}
