using System.Runtime.InteropServices;

namespace Shop.Archiving.Auditing;

/// <summary>What two sets of events are compared by, in whatever order they come: how many they are, and the exclusive-or of their hashes.</summary>
/// <param name="Events">How many different events.</param>
/// <param name="Hash">All their hashes in one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Checksum(long Events, long Hash);
