using System.Globalization;
using XdpTop.Capture;
using XdpTop.Cli.Doctor;

namespace XdpTop.Cli;

/// <summary>Chooses the workers' cores, interface by interface, by what the machine says of itself.</summary>
/// <param name="asked">The user's choice, in turn; empty for one of xdptop's own.</param>
/// <param name="allowed">Cores that this process may run on.</param>
/// <param name="onInterrupts">See <see cref="CorePlacement"/>.</param>
internal sealed class WorkerCores(IReadOnlyList<int> asked, IReadOnlyList<int> allowed, bool onInterrupts, SystemFiles files)
{
    private readonly List<int> _taken = [];
    private readonly CpuFacts[] _cpus = asked.Count > 0 ? [] : ReadCpus(allowed, files);

    /// <summary>For each of an interface's workers its core.</summary>
    /// <param name="queues">For each worker its RX queues; empty where it has none of its own.</param>
    public IReadOnlyList<int> Take(string interfaceName, IReadOnlyList<IReadOnlyList<int>> queues)
    {
        IReadOnlyList<int> chosen = asked.Count > 0
            ? [.. queues.Select((_, worker) => asked[(_taken.Count + worker) % asked.Count])]
            : CorePlacement.Choose(_cpus, NodeOf(interfaceName), Interrupts(interfaceName, queues), _taken, onInterrupts);
        _taken.AddRange(chosen);
        return chosen;
    }

    private int NodeOf(string interfaceName) => files.ReadNumber($"sys/class/net/{interfaceName}/device/numa_node") ?? -1;

    private int[][] Interrupts(string interfaceName, IReadOnlyList<IReadOnlyList<int>> queues)
    {
        IReadOnlyList<QueueInterrupt> interrupts = QueueInterrupt.Of(interfaceName, files);
        return [.. queues.Select(own => interrupts.Where(irq => own.Contains(irq.Queue)).SelectMany(irq => Numbers(irq.Cores)).Distinct().ToArray())];
    }

    private static CpuFacts[] ReadCpus(IReadOnlyList<int> allowed, SystemFiles files)
    {
        Dictionary<int, int> nodes = [];
        foreach (string name in files.List("sys/devices/system/node"))
        {
            if (name.StartsWith("node", StringComparison.Ordinal) && int.TryParse(name[4..], NumberStyles.None, CultureInfo.InvariantCulture, out int node))
            {
                foreach (int cpu in Numbers(files.Read($"sys/devices/system/node/{name}/cpulist")))
                    nodes[cpu] = node;
            }
        }
        return [.. allowed.Select(cpu => new CpuFacts(
            cpu,
            nodes.GetValueOrDefault(cpu, -1),
            Numbers(files.Read($"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")),
            Numbers(files.Read($"sys/devices/system/cpu/cpu{cpu}/cache/index3/shared_cpu_list"))))];
    }

    private static IReadOnlyList<int> Numbers(string? list) => list is not null && NumberList.TryParse(list, out IReadOnlyList<int> numbers) ? numbers : [];
}
