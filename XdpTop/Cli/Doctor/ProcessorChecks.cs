namespace XdpTop.Cli.Doctor;

/// <summary>Which cores the interface's interrupts and xdptop's workers meet on.</summary>
internal static class ProcessorChecks
{
    public static IEnumerable<Finding> Examine(Subject subject, Machine machine)
    {
        yield return IrqAffinity(subject, machine);
        yield return machine.RunsIrqbalance
            ? subject.ForRedirect("irqbalance", "runs, and moves interrupts from core to core", "systemctl stop irqbalance")
            : Finding.Ok("irqbalance", "does not run");
        yield return machine.HasSmt
            ? subject.ForRedirect("smt", "on: two workers may share a core", $"{machine.Scripts}/smt.sh off")
            : Finding.Ok("smt", "off: a worker has a core to itself");
        yield return Finding.Ok("numa", machine.Nodes.Count < 2 ? "one node"
            : subject.Node is { } node && node >= 0 && node < machine.Nodes.Count ? $"the interface is at node {node} of {machine.Nodes.Count}: cores {machine.Nodes[node]} are nearest (--cpus)"
            : $"{machine.Nodes.Count} nodes; the interface belongs to none");
    }

    private static Finding IrqAffinity(Subject subject, Machine machine)
    {
        if (subject.Interrupts.Count == 0)
            return Finding.Ok("irq-affinity", "the queues have no interrupts of their own");
        IGrouping<string, string>[] irqsByCores = [.. subject.Interrupts
            .GroupBy(interrupt => interrupt.Cores, interrupt => interrupt.Number)
            .OrderBy(group => group.Key.Length).ThenBy(group => group.Key, StringComparer.Ordinal)];
        string text = string.Join("; ", irqsByCores.Select(group => $"core {group.Key}: IRQ {string.Join(',', group)}"));
        return irqsByCores.Length >= Math.Min(subject.Interrupts.Count, machine.Cores)
            ? Finding.Ok("irq-affinity", text)
            : subject.ForRedirect("irq-affinity", $"queues share cores while others are free: {text}", machine.Tune(subject));
    }
}
