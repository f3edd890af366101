using System.Reflection;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace Shop.Tests.Architecture;

/// <summary>References point one way (DESIGN: Contracts and Redis know nobody; services know the libraries; nobody knows a service).</summary>
public sealed class ReferenceTests
{
    private static readonly Assembly Contracts = typeof(Shop.Contracts.Money).Assembly;
    private static readonly Assembly Redis = typeof(Shop.Redis.Streams.StreamProducer).Assembly;
    private static readonly Assembly Messaging = typeof(Shop.Messaging.Outbox).Assembly;
    private static readonly Assembly Archiving = typeof(Shop.Archiving.KafkaArchiveOptions).Assembly;
    private static readonly Assembly Defaults = typeof(ServiceDefaults.DefaultsExtensions).Assembly;
    private static readonly Assembly Orders = typeof(Shop.Orders.Checkout.OrderGrain).Assembly;
    private static readonly Assembly Payments = typeof(Shop.Payments.Charging.TakePayment).Assembly;
    private static readonly Assembly Gaming = Assembly.Load("Shop.Gaming");
    private static readonly Assembly Notifications = Assembly.Load("Shop.Notifications");
    private static readonly Assembly Web = Assembly.Load("Shop.Web");

    private static readonly Dictionary<Assembly, Assembly[]> MayReference = new()
    {
        [Contracts] = [],
        [Redis] = [],
        [Messaging] = [Redis],
        [Archiving] = [Messaging, Redis],
        [Defaults] = [],
        [Orders] = [Contracts, Messaging, Archiving, Redis, Defaults],
        [Payments] = [Contracts, Messaging, Archiving, Redis, Defaults],
        [Gaming] = [Contracts, Messaging, Redis, Defaults],
        [Notifications] = [Contracts, Messaging, Redis, Defaults],
        [Web] = [Contracts, Redis, Defaults],
    };

    public static TheoryData<string> Assemblies => [.. MayReference.Keys.Select(static assembly => assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_references_only_what_the_design_allows(string name)
    {
        var (assembly, allowed) = MayReference.Single(pair => pair.Key.GetName().Name == name);
        // By name, not by what is listed above: the dashboard and the embedded engine are ours too, and nobody may know them.
        var referenced = assembly.GetReferencedAssemblies().Select(static reference => reference.Name!)
            .Where(static name => name.StartsWith("Shop.", StringComparison.Ordinal) || name == "ServiceDefaults");

        Assert.Empty(referenced.Except(allowed.Select(static other => other.GetName().Name!), StringComparer.Ordinal));
    }

    [Fact]
    public void The_redis_library_depends_on_the_client_cronos_and_abstractions_only()
    {
        var foreign = Redis.GetReferencedAssemblies().Select(static reference => reference.Name!)
            .Where(static name => !name.StartsWith("System", StringComparison.Ordinal) && name is not ("netstandard" or "StackExchange.Redis" or "Cronos"));

        Assert.All(foreign, static name => Assert.StartsWith("Microsoft.Extensions.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_stream_engine_knows_nothing_of_masstransit()
    {
        var engine = new ArchLoader().LoadAssemblies(Redis, Messaging).Build();
        IArchRule rule = Types().That().ResideInNamespaceMatching("^Shop\\.Redis").Should().NotDependOnAny(Types().That().ResideInNamespaceMatching("^(MassTransit|Shop\\.Messaging)"));

        rule.Check(engine);
    }

    [Fact]
    public void Every_grain_interface_of_the_contracts_names_its_methods_for_the_wire() =>
        Assert.All(
            Contracts.GetTypes().Where(static type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type)),
            static type => Assert.All(type.GetMethods(), static method => Assert.NotNull(method.GetCustomAttribute<AliasAttribute>())));
}
