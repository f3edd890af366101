using System.Runtime.InteropServices;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>The signals that .NET's <see cref="System.Diagnostics.Process"/> cannot send.</summary>
internal static partial class PosixSignals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends <paramref name="signal"/>; false when the process is already gone.</summary>
    public static bool Send(int processId, int signal) => NativeKill(processId, signal) == 0;

    public static bool RunningAsRoot => OperatingSystem.IsLinux() && EffectiveUserId() == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
