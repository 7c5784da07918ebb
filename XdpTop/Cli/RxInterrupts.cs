using System.Globalization;
using System.Text.RegularExpressions;
using XdpTop.Cli.Doctor;

namespace XdpTop.Cli;

/// <summary>An interrupt of an RX queue.</summary>
/// <param name="Irq">Its number.</param>
/// <param name="Queue">The RX queue's number; -1 where the interrupt's name has none.</param>
/// <param name="Cores">That serve it, as 0-3,5; "?" where the kernel does not tell.</param>
internal sealed record RxInterrupt(string Irq, int Queue, string Cores);

/// <summary>Finds the interrupts of an interface's RX queues in /proc/interrupts, by the names that drivers give them.</summary>
internal static partial class RxInterrupts
{
    public static IReadOnlyList<RxInterrupt> Of(string interfaceName, SystemFiles files)
    {
        // Link by link: each is relative to where the one before leads to.
        string directory = $"sys/class/net/{interfaceName}";
        DirectoryInfo? device = files.Follow(Path.Combine(files.Follow(directory)?.FullName ?? directory, "device"));
        // Of a virtio NIC they are the PCI device's, which is its parent.
        HashSet<string> own = [.. MsiIrqs(device), .. MsiIrqs(device?.Parent)];
        List<RxInterrupt> interrupts = [];
        foreach (string line in (files.Read("proc/interrupts") ?? "").Split('\n'))
        {
            // "38:  0  3241  PCI-MSIX-0000:00:03.0  1-edge  virtio2-input.0"
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !own.Contains(words[0].TrimEnd(':')) || !IsOfQueue(words[^1], interfaceName, device?.Name))
                continue;
            string irq = words[0].TrimEnd(':');
            string cores = files.Read($"proc/irq/{irq}/effective_affinity_list") is { Length: > 0 } effective
                ? effective
                : files.Read($"proc/irq/{irq}/smp_affinity_list") ?? "?";
            interrupts.Add(new RxInterrupt(irq, QueueOf(words[^1]), cores));
        }
        return interrupts;

        IReadOnlyList<string> MsiIrqs(DirectoryInfo? directory) => directory is null ? [] : files.List(Path.Combine(directory.FullName, "msi_irqs"));
    }

    /// <summary>The last number of "eth0-TxRx-3", "virtio2-input.0", "mlx5_comp3@pci:0000:01:00.0".</summary>
    internal static int QueueOf(string name) =>
        LastNumber().Match(name.Split('@')[0]) is { Success: true } match && int.TryParse(match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int queue) ? queue : -1;

    /// <summary>Of a NIC's interrupts those that tell of received packets.</summary>
    private static bool IsOfQueue(string name, string interfaceName, string? deviceName)
    {
        if (TransmitOnly().IsMatch(name))
            return false;
        bool isNamed = name.Contains(interfaceName, StringComparison.Ordinal) || (deviceName is not null && name.Contains(deviceName, StringComparison.Ordinal));
        return Receive().IsMatch(name) || (isNamed && Numbered().IsMatch(name));
    }

    [GeneratedRegex("rx|input|comp|ntfy", RegexOptions.IgnoreCase)]
    private static partial Regex Receive();

    [GeneratedRegex("-[0-9]+$")]
    private static partial Regex Numbered();

    [GeneratedRegex("-tx-?[0-9]+$|output", RegexOptions.IgnoreCase)]
    private static partial Regex TransmitOnly();

    [GeneratedRegex("[0-9]+$")]
    private static partial Regex LastNumber();
}
