using System.Globalization;
using System.Text.RegularExpressions;

namespace XdpTop.Cli.Doctor;

/// <summary>An interrupt that tells of packets that an interface has received.</summary>
/// <param name="Number">As "38".</param>
/// <param name="Queue">The RX queue's number; -1 where the interrupt's name has none.</param>
/// <param name="Cores">The cores that it comes to, as "0-3"; "?" where the kernel does not tell.</param>
internal sealed partial record QueueInterrupt(string Number, int Queue, string Cores)
{
    /// <summary>In the order of /proc/interrupts; empty where the queues have none of their own.</summary>
    public static IReadOnlyList<QueueInterrupt> Of(string interfaceName, SystemFiles files)
    {
        // Link by link: each is relative to where the one before leads to.
        string directory = $"sys/class/net/{interfaceName}";
        DirectoryInfo? device = files.Follow(Path.Combine(files.Follow(directory)?.FullName ?? directory, "device"));
        // Of a virtio NIC they are the PCI device's, which is its parent.
        HashSet<string> own = [.. MsiIrqs(device), .. MsiIrqs(device?.Parent)];
        List<QueueInterrupt> found = [];
        foreach (string line in (files.Read("proc/interrupts") ?? "").Split('\n'))
        {
            // "38:  0  3241  PCI-MSIX-0000:00:03.0  1-edge  virtio2-input.0"
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !own.Contains(words[0].TrimEnd(':')) || !IsOfQueue(words[^1]))
                continue;
            string number = words[0].TrimEnd(':');
            // Of several cores that it may come to, the kernel has chosen one; what is set comes into effect with the next interrupt.
            string may = files.Read($"proc/irq/{number}/smp_affinity_list") is { Length: > 0 } set ? set : "?";
            string does = files.Read($"proc/irq/{number}/effective_affinity_list") is { Length: > 0 } effective ? effective : may;
            found.Add(new QueueInterrupt(number, QueueOf(words[^1]), may.All(char.IsAsciiDigit) ? may : does));
        }
        return found;

        IReadOnlyList<string> MsiIrqs(DirectoryInfo? directory) => directory is null ? [] : files.List(Path.Combine(directory.FullName, "msi_irqs"));
    }

    /// <summary>Of a NIC's interrupts those that tell of received packets, by the names that drivers give them; tune-nic.sh has the same rule.</summary>
    internal static bool IsOfQueue(string name) => !TransmitOnly().IsMatch(name) && Receive().IsMatch(name);

    /// <summary>The last number of "eth0-TxRx-3", "virtio2-input.0", "mlx5_comp3@pci:0000:01:00.0".</summary>
    internal static int QueueOf(string name) =>
        LastNumber().Match(name.Split('@')[0]) is { Success: true } match && int.TryParse(match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int queue) ? queue : -1;

    [GeneratedRegex("[0-9]+$")]
    private static partial Regex LastNumber();

    [GeneratedRegex("rx|input|comp|ntfy|-[0-9]+$", RegexOptions.IgnoreCase)]
    private static partial Regex Receive();

    [GeneratedRegex("-tx-?[0-9]+$|output", RegexOptions.IgnoreCase)]
    private static partial Regex TransmitOnly();
}
