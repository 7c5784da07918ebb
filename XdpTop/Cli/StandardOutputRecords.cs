using XdpTop.Export;
using XdpTop.Flows;

namespace XdpTop.Cli;

/// <summary>
/// Records on standard output for those who asked for them there (-o -): when nobody reads them any more that is a failure, and
/// they are counted as not in it, as in a file on a full disk. Used by the exporter thread alone.
/// </summary>
internal sealed class StandardOutputRecords(IRecordOutput records, StandardOutput standardOutput) : IRecordOutput
{
    public string Name => records.Name;

    public bool CanStall => records.CanStall;

    public void Write(ReadOnlySpan<FlowRecord> flowRecords, ReadOnlySpan<ByteDistribution> distributions = default)
    {
        records.Write(flowRecords, distributions);
        if (standardOutput.ReaderHasGone)
            throw new IOException("nobody reads it any more");
    }

    public void Dispose() => records.Dispose();
}
