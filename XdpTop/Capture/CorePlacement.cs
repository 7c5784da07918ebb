namespace XdpTop.Capture;

/// <summary>A core as far as it matters to workers.</summary>
/// <param name="Cpu">Its number.</param>
/// <param name="Node">Of the NUMA nodes.</param>
/// <param name="Siblings">Cores that are the same physical core (SMT), itself among them.</param>
/// <param name="Neighbours">Cores that share its last cache, itself among them.</param>
internal sealed record CpuFacts(int Cpu, int Node, IReadOnlyList<int> Siblings, IReadOnlyList<int> Neighbours);

/// <summary>
/// Which core each worker is to run on. In this order: one with no other worker; none of whose siblings has one; on the
/// NIC's NUMA node; near the cores that serve the interrupts of the worker's queues (one cache, not one core: the kernel
/// needs the core for its part of the work, unless it does that on the worker's, as when that polls busily); the last one,
/// since interrupts are often on the first.
/// </summary>
internal static class CorePlacement
{
    /// <param name="cpus">Cores that may be chosen; at least one.</param>
    /// <param name="node">The NIC's NUMA node; −1 where it has none.</param>
    /// <param name="interrupts">For each worker, the cores that serve its queues' interrupts; none where they are not known.</param>
    /// <param name="taken">Cores of other workers, one entry for each.</param>
    /// <param name="onInterrupts">Whether workers are best on the very cores that serve their interrupts.</param>
    /// <returns>For each worker its core's number.</returns>
    public static int[] Choose(
        IReadOnlyList<CpuFacts> cpus, int node, IReadOnlyList<IReadOnlyList<int>> interrupts, IEnumerable<int> taken, bool onInterrupts)
    {
        List<int> busy = [.. taken];
        HashSet<int> serving = [.. interrupts.SelectMany(cores => cores)];
        List<int> chosen = [];
        foreach (IReadOnlyList<int> own in interrupts)
        {
            CpuFacts best = cpus.MinBy(cpu => (
                busy.Count(core => core == cpu.Cpu),
                busy.Count(core => core != cpu.Cpu && cpu.Siblings.Contains(core)),
                node >= 0 && cpu.Node != node ? 1 : 0,
                own.Count > 0 && !own.Any(cpu.Neighbours.Contains) ? 1 : 0,
                Contention(cpu, own),
                -cpu.Cpu))!;
            busy.Add(best.Cpu);
            chosen.Add(best.Cpu);
        }
        return [.. chosen];

        // Of a core that serves interrupts; those of the worker's own queues bring frames that it is about to read.
        int Contention(CpuFacts cpu, IReadOnlyList<int> own)
        {
            bool servesOwn = own.Contains(cpu.Cpu);
            if (onInterrupts && servesOwn)
                return 0;
            if (!serving.Contains(cpu.Cpu))
                return cpu.Siblings.Any(serving.Contains) ? 2 : 1;
            return servesOwn ? 3 : 4;
        }
    }
}
