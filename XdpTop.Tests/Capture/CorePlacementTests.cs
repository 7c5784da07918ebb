using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

/// <summary>Workers' cores on made-up machines.</summary>
public sealed class CorePlacementTests
{
    private static readonly int[] s_unknown = [];

    [Fact]
    public void Of_a_machine_that_tells_nothing_the_last_cores_come_first()
    {
        CpuFacts[] cpus = [.. Enumerable.Range(0, 4).Select(cpu => new CpuFacts(cpu, -1, [], []))];
        Assert.Equal([3, 2, 1, 0, 3], Choose(cpus, -1, Workers(5)));
    }

    [Fact]
    public void Eight_queues_have_the_eight_cores_of_the_NIC_s_socket()
    {
        // As Linux numbers two sockets of eight cores: 0-7 and 8-15, their siblings 16-23 and 24-31.
        CpuFacts[] cpus = Machine(sockets: 2, cores: 8, smt: true);
        Assert.Equal([24, 25, 26, 27, 28, 29, 30, 31], Choose(cpus, 1, Workers(8)).Order());
        Assert.Equal([16, 17, 18, 19, 20, 21, 22, 23], Choose(cpus, 0, Workers(8)).Order());
    }

    [Fact]
    public void Siblings_of_workers_come_last()
    {
        CpuFacts[] cpus = Machine(sockets: 2, cores: 4, smt: true);
        int[] chosen = Choose(cpus, 0, Workers(16));
        Assert.Equal([8, 9, 10, 11], chosen[..4].Order()); // the NIC's socket, one worker for each physical core
        Assert.Equal([12, 13, 14, 15], chosen[4..8].Order()); // the other one, rather than to share a core
        Assert.Equal([0, 1, 2, 3], chosen[8..12].Order());
        Assert.Equal(16, chosen.Distinct().Count());
    }

    [Fact]
    public void Cores_of_other_workers_and_their_siblings_are_avoided()
    {
        CpuFacts[] cpus = Machine(sockets: 1, cores: 4, smt: true);
        Assert.Equal([6, 4], CorePlacement.Choose(cpus, 0, Workers(2), [7, 5], onInterrupts: false));
    }

    [Fact]
    public void A_worker_is_near_its_queue_s_interrupt_but_not_in_its_way()
    {
        // One node, two groups of four cores with a cache of their own each.
        CpuFacts[] cpus = [.. Enumerable.Range(0, 8).Select(cpu => new CpuFacts(cpu, 0, [cpu], cpu < 4 ? [0, 1, 2, 3] : [4, 5, 6, 7]))];
        Assert.Equal([3, 7], Choose(cpus, 0, [[0], [4]]));
        Assert.Equal([7, 3], Choose(cpus, 0, [[4], [0]]));
        Assert.Equal([0, 4], CorePlacement.Choose(cpus, 0, [[0], [4]], [], onInterrupts: true));
    }

    [Fact]
    public void Where_all_cores_serve_interrupts_each_worker_has_its_own_queue_s()
    {
        CpuFacts[] cpus = Machine(sockets: 1, cores: 4, smt: false);
        Assert.Equal([2, 0, 3, 1], Choose(cpus, 0, [[2], [0], [3], [1]]));
    }

    [Fact]
    public void A_free_physical_core_comes_before_the_sibling_of_one_that_serves_interrupts()
    {
        CpuFacts[] cpus = Machine(sockets: 1, cores: 4, smt: true);
        // 7 and 6 are siblings of 3 and 2, which serve the interrupts.
        Assert.Equal([5, 4], Choose(cpus, 0, [[3], [2]]));
    }

    [Fact]
    public void The_NIC_s_node_is_more_than_the_place_of_an_interrupt()
    {
        CpuFacts[] cpus = Machine(sockets: 2, cores: 4, smt: false);
        Assert.Equal([3], Choose(cpus, 0, [[6]])); // the interrupt has been moved to the other socket
    }

    private static int[] Choose(CpuFacts[] cpus, int node, IReadOnlyList<IReadOnlyList<int>> interrupts) =>
        CorePlacement.Choose(cpus, node, interrupts, [], onInterrupts: false);

    private static IReadOnlyList<IReadOnlyList<int>> Workers(int number) => [.. Enumerable.Repeat<IReadOnlyList<int>>(s_unknown, number)];

    /// <summary>Cores socket by socket, and after all of them their SMT siblings in the same order; each socket is a node with one cache.</summary>
    private static CpuFacts[] Machine(int sockets, int cores, bool smt)
    {
        int physical = sockets * cores;
        int all = smt ? 2 * physical : physical;
        return [.. Enumerable.Range(0, all).Select(cpu => new CpuFacts(
            cpu,
            cpu % physical / cores,
            [.. Enumerable.Range(0, all).Where(other => other % physical == cpu % physical)],
            [.. Enumerable.Range(0, all).Where(other => other % physical / cores == cpu % physical / cores)]))];
    }
}
