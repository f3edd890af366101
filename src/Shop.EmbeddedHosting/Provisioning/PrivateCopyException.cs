namespace Shop.EmbeddedHosting.Provisioning;

/// <summary>A private copy could not be fetched; the message says why.</summary>
internal sealed class PrivateCopyException(string message) : Exception(message);
