using System.Runtime.InteropServices;

namespace Shop.EmbeddedHosting.Processes;

/// <summary>The signals that .NET's <see cref="System.Diagnostics.Process"/> cannot send.</summary>
internal static partial class PosixSignals
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;
    public static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;
    public static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;

    /// <summary>Sends <paramref name="signal"/> to a process, or to a whole process group when the id is negative; false when it is gone.</summary>
    public static bool Send(int processId, int signal) => NativeKill(processId, signal) == 0;

    public static bool RunningAsRoot => EffectiveUserId() == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
