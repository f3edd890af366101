using Aspire.Hosting.ApplicationModel;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>What every runner works with.</summary>
internal sealed record EngineContext(
    EngineSettings Settings,
    ResourceNotificationService Notifications,
    RunFolder Folder,
    LogBook Logs,
    TelemetryTarget? Telemetry);
