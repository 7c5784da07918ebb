using XdpTop.Cli;
using XdpTop.Cli.Doctor;

namespace XdpTop.Tests.Cli;

/// <summary>The workers' cores by a machine's files: two sockets of two cores with SMT, an interface of two queues at the second.</summary>
public sealed class WorkerCoresTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("xdptop-cores").FullName;
    private readonly SystemFiles _files;

    public WorkerCoresTests()
    {
        _files = new SystemFiles(_root);
        for (int cpu = 0; cpu < 8; cpu++)
        {
            int core = cpu % 4;
            Write($"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", $"{core},{core + 4}");
            Write($"sys/devices/system/cpu/cpu{cpu}/cache/index3/shared_cpu_list", core < 2 ? "0-1,4-5" : "2-3,6-7");
        }
        Write("sys/devices/system/node/node0/cpulist", "0-1,4-5");
        Write("sys/devices/system/node/node1/cpulist", "2-3,6-7");
        Write("sys/devices/pci0/card/numa_node", "1");
        Write("sys/devices/pci0/card/msi_irqs/38", "msix");
        Write("sys/devices/pci0/card/msi_irqs/39", "msix");
        Write("sys/devices/pci0/card/net/nic0/ifindex", "3");
        Directory.CreateDirectory(Path.Combine(_root, "sys/class/net"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "sys/class/net/nic0"), "../../devices/pci0/card/net/nic0");
        Directory.CreateSymbolicLink(Path.Combine(_root, "sys/devices/pci0/card/net/nic0/device"), "../../../card");
        Write("proc/interrupts", """
                       CPU0       CPU1
             38:          0       3241  PCI-MSIX-0000:00:03.0   1-edge      nic0-TxRx-0
             39:          7          0  PCI-MSIX-0000:00:03.0   2-edge      nic0-TxRx-1
             40:          7          0  PCI-MSIX-0000:00:04.0   1-edge      nic1-TxRx-0
            """);
        Write("proc/irq/38/effective_affinity_list", "2");
        Write("proc/irq/39/smp_affinity_list", "3");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Workers_are_at_the_interface_s_node_and_each_has_a_physical_core()
    {
        // Both cores of the node serve interrupts: each worker is with its own queue's, which leaves the siblings free.
        Assert.Equal([7, 6], new WorkerCores([], All, false, _files).Take("nic0", [[0], [1]]));
        Assert.Equal([2, 3], new WorkerCores([], All, true, _files).Take("nic0", [[0], [1]]));
        Assert.Equal([7, 6, 5, 4], new WorkerCores([], All, false, _files).Take("nic0", [[], [], [], []]));
    }

    [Fact]
    public void Interfaces_share_the_cores_that_there_are()
    {
        WorkerCores cores = new([], All, false, _files);
        Assert.Equal([7, 6], cores.Take("nic0", [[0], [1]]));
        Assert.Equal([5, 4], cores.Take("nic1", [[0], [1]]));
        Assert.Equal([6], new WorkerCores([], [4, 5, 6], false, _files).Take("nic0", [[0]])); // what this process may run on
    }

    [Fact]
    public void What_the_user_asks_for_comes_in_turn()
    {
        WorkerCores cores = new([1, 5], All, false, _files);
        Assert.Equal([1, 5, 1], cores.Take("nic0", [[0], [1], [2]]));
        Assert.Equal([5, 1], cores.Take("nic1", [[0], [1]]));
    }

    private static int[] All => [.. Enumerable.Range(0, 8)];

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text + "\n");
    }
}
