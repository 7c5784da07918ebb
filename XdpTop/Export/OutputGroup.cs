using System.Diagnostics;
using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>The outputs of an Exporting Process. Used by the exporter thread, but for what any may ask.</summary>
internal sealed class OutputGroup : IDisposable
{
    private static readonly TimeSpan s_tendingInterval = TimeSpan.FromMilliseconds(250);

    private readonly GuardedOutput[] _outputs;
    private long _tendedAt;

    /// <param name="outputs">Owned from here on.</param>
    public OutputGroup(IEnumerable<IRecordOutput> outputs, ExportOptions options) =>
        _outputs = [.. outputs.Select(output => output.CanStall ? new QueuedOutput(output, options) : new GuardedOutput(output))];

    /// <summary>Records that are not in an output that they were for; once for each. Any thread may ask.</summary>
    public Tally NotWritten => _outputs.Aggregate(default(Tally), (sum, output) => sum + output.NotWritten);

    /// <summary>Why not all is in an output, as a sentence for each. Any thread may ask.</summary>
    public IEnumerable<string> Problems => _outputs.Select(output => output.Problem).Where(problem => problem.Length > 0);

    /// <inheritdoc cref="GuardedOutput.IsFull"/>
    public bool IsFull(int flowRecords, bool isPatient)
    {
        foreach (GuardedOutput output in _outputs)
        {
            if (output.IsFull(flowRecords, isPatient))
                return true;
        }
        return false;
    }

    public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions)
    {
        foreach (GuardedOutput output in _outputs)
            output.Write(records, distributions);
    }

    /// <summary>Does what is due even if no record ends.</summary>
    public void Tend()
    {
        if (Stopwatch.GetElapsedTime(_tendedAt) < s_tendingInterval)
            return;
        _tendedAt = Stopwatch.GetTimestamp();
        foreach (GuardedOutput output in _outputs)
            output.Tend();
    }

    public void Dispose()
    {
        foreach (GuardedOutput output in _outputs)
            output.Dispose();
    }
}
