using System.Xml.Linq;
using Xunit;

namespace Shop.Tests.Architecture;

/// <summary>What the project files refer to: the compiler leaves out of an assembly what its code does not use yet.</summary>
public sealed class ProjectReferenceTests
{
    private const string Embedded = "'$(UseAspire)' != 'true'";

    private static readonly string Root = FindRoot();

    [Theory]
    [InlineData("src/Shop.Orders")]
    [InlineData("src/Shop.Payments")]
    [InlineData("src/Shop.Gaming")]
    [InlineData("src/Shop.Notifications")]
    [InlineData("src/Shop.Web")]
    public void No_service_reaches_the_dashboard_or_the_embedded_engine(string service)
    {
        var reached = Reached(Path.Combine(Root, service, $"{Path.GetFileName(service)}.csproj"));

        Assert.Contains("ServiceDefaults", reached);
        Assert.DoesNotContain(reached, IsEmbedded);
    }

    [Fact]
    public void Under_aspire_the_application_refers_to_its_services_and_nothing_of_our_engine()
    {
        var project = XDocument.Load(Path.Combine(Root, "AppHost", "AppHost.csproj")).Root!;
        var all = project.Descendants().Where(static element => element.Name.LocalName is "ProjectReference" or "Import").ToList();

        var underAspire = all.Where(static element => !element.AncestorsAndSelf().Any(static one => (string?)one.Attribute("Condition") == Embedded)).ToList();

        Assert.Contains(all, static element => IsEmbedded(Target(element)));
        Assert.Equal(
            ["Shop.Gaming", "Shop.Notifications", "Shop.Orders", "Shop.Payments", "Shop.Web"],
            underAspire.Where(static element => element.Name.LocalName == "ProjectReference").Select(Target).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(underAspire, static element => IsEmbedded(Target(element)));
    }

    private static bool IsEmbedded(string project) => project is "Shop.Dashboard" or "Shop.Dashboard.Protocol" or "Shop.EmbeddedHosting";

    private static HashSet<string> Reached(string project)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([project]);
        while (open.TryPop(out var file))
        {
            foreach (var include in XDocument.Load(file).Descendants("ProjectReference").Select(static reference => (string)reference.Attribute("Include")!))
            {
                if (reached.Add(Path.GetFileNameWithoutExtension(include)))
                    open.Push(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, include)));
            }
        }

        return reached;
    }

    private static string Target(XElement element) =>
        Path.GetFileNameWithoutExtension((string?)element.Attribute("Include") ?? (string?)element.Attribute("Project") ?? "");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Shop.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Shop.sln.");
    }
}
