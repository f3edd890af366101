namespace Shop.Dashboard.Telemetry;

/// <summary>Who sent it: <c>service.name</c>, and <c>service.instance.id</c>, which tells its replicas apart.</summary>
public sealed record TelemetrySource(string Name, string Instance);

/// <summary>A key and its value as text; lists and maps are JSON.</summary>
public readonly record struct TelemetryAttribute(string Key, string Value);
