using System.Runtime.Versioning;
using XdpTop.Cli.Doctor;

namespace XdpTop.Tests.Cli.Doctor;

/// <summary>How facts are read, of files that stand for the kernel's.</summary>
[SupportedOSPlatform("linux")]
public sealed class FactsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("xdptop-facts").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("eth0-TxRx-0", true)]            // ixgbe, igb
    [InlineData("i40e-eth0-TxRx-11", true)]
    [InlineData("ens5-Tx-Rx-0", true)]           // ena
    [InlineData("mlx5_comp0@pci:0000:01:00.0", true)]
    [InlineData("virtio2-input.0", true)]
    [InlineData("gve-ntfy-blk3@pci:0000:00:04.0", true)]
    [InlineData("eth0-rx-1", true)]              // e1000e
    [InlineData("eth0-3", true)]                 // bnxt, mlx4
    [InlineData("eth0-tx-1", false)]
    [InlineData("virtio2-output.0", false)]
    [InlineData("virtio2-config", false)]
    [InlineData("mlx5_async0@pci:0000:01:00.0", false)]
    [InlineData("eth0", false)]                  // all but packets
    public void Interrupts_of_queues_are_known_by_their_names(string name, bool expected) => Assert.Equal(expected, QueueInterrupt.IsOfQueue(name));

    [Theory]
    [InlineData("eth0-TxRx-3", 3)]
    [InlineData("virtio2-input.12", 12)]
    [InlineData("mlx5_comp3@pci:0000:01:00.0", 3)]
    [InlineData("ens5-Tx-Rx-7", 7)]
    [InlineData("eth0-rx", -1)]
    public void A_queue_s_number_is_the_last_of_the_name(string name, int queue) => Assert.Equal(queue, QueueInterrupt.QueueOf(name));

    [Theory]
    [InlineData("devices/pci0/nic")]
    [InlineData("devices/pci0/nic/virtio2")]
    public void Interrupts_are_the_device_s_own(string device)
    {
        Write("sys/devices/pci0/nic/msi_irqs/30", "");
        Write("sys/devices/pci0/nic/msi_irqs/31", "");
        Write("sys/devices/pci0/nic/msi_irqs/32", "");
        Write("sys/devices/pci0/nic/virtio2/net/eth0/mtu", "1500");
        Link("sys/class/net/eth0", "../../devices/pci0/nic/virtio2/net/eth0");
        Link("sys/devices/pci0/nic/virtio2/net/eth0/device", $"{_root}/sys/{device}");
        Write("proc/interrupts", "      CPU0  CPU1\n 30:  1  2  PCI-MSIX  0-edge  virtio2-input.0\n 31:  1  2  PCI-MSIX  1-edge  virtio2-input.1\n 32:  1  2  PCI-MSIX  1-edge  virtio2-input.2\n 40:  0  0  PCI-MSIX  1-edge  virtio3-input.0\n");
        Write("proc/irq/30/smp_affinity_list", "0-3");
        Write("proc/irq/30/effective_affinity_list", "1");
        Write("proc/irq/31/smp_affinity_list", "0,2");
        Write("proc/irq/32/smp_affinity_list", "3"); // since the last interrupt, which came to 0
        Write("proc/irq/32/effective_affinity_list", "0");
        Assert.Equal([new QueueInterrupt("30", 0, "1"), new QueueInterrupt("31", 1, "0,2"), new QueueInterrupt("32", 2, "3")], QueueInterrupt.Of("eth0", new SystemFiles(_root)));
    }

    [Fact]
    public void A_program_s_holder_is_the_process_that_has_its_link()
    {
        Write("proc/41/comm", "bpftool");
        Write("proc/41/fdinfo/3", "pos:\t0\nprog_type:\t6\nprog_id:\t17\n"); // has the program open, but does not attach it
        Write("proc/42/comm", "suricata");
        Write("proc/42/fdinfo/3", "pos:\t0\nlink_type:\txdp\nlink_id:\t1\nprog_id:\t117\nifindex:\t2\n");
        Write("proc/42/fdinfo/4", "pos:\t0\nlink_type:\txdp\nlink_id:\t2\nprog_id:\t17\nifindex:\t3\n");
        SystemFiles files = new(_root);
        Assert.Equal(("42", "suricata"), OtherProgram.HolderOf(17, files));
        Assert.Null(OtherProgram.HolderOf(7, files));
    }

    [Fact]
    public void The_machine_s_facts_are_in_its_files()
    {
        Write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
        Write("proc/sys/net/core/bpf_jit_enable", "1\n");
        Write("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
        Write("proc/meminfo", "MemTotal:       8148124 kB\nHugePages_Total:      16\nHugePages_Free:        7\n");
        Write("proc/7/comm", "irqbalance\n");
        Write("sys/devices/system/cpu/smt/active", "1\n");
        Write("sys/devices/system/node/node0/cpulist", "0-7\n");
        Write("sys/devices/system/node/node1/cpulist", "8-15\n");
        Write("sys/devices/system/node/online", "0-1\n");
        Machine machine = Machine.Read(new SystemFiles(_root));
        Assert.Equal(("6.1.0-18-amd64", "1", "never"), (machine.KernelRelease, machine.BpfJit, machine.TransparentHugePages));
        Assert.Equal((16, 7, true, true), (machine.HugetlbPages, machine.FreeHugetlbPages, machine.RunsIrqbalance, machine.HasSmt));
        Assert.Equal(["0-7", "8-15"], machine.Nodes);
        Assert.Empty(machine.NotReadable);
    }

    [Fact]
    public void A_machine_that_tells_nothing_is_no_fault()
    {
        Machine machine = Machine.Read(new SystemFiles(_root));
        Assert.Equal((null, null, null), (machine.KernelRelease, machine.BpfJit, machine.TransparentHugePages));
        Assert.Equal((0, 0, false, false), (machine.HugetlbPages, machine.FreeHugetlbPages, machine.RunsIrqbalance, machine.HasSmt));
        Assert.Empty(machine.Nodes);
    }

    [Theory]
    [InlineData("eth0.100@x-1")]
    [InlineData("/opt/x/y.sh")]
    [InlineData("a;reboot")]
    [InlineData("a'b\"c")]
    [InlineData("$(id)`id`")]
    [InlineData("*")]
    [InlineData("~")]
    public void A_shell_takes_a_quoted_word_as_it_is(string name) =>
        Assert.Equal(name, Privileged.OtherProgram.Run("sh", "-c", $"printf %s {ShellWord.Quote(name)}"));

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, path))!);
        Directory.CreateSymbolicLink(Path.Combine(_root, path), target);
    }
}
