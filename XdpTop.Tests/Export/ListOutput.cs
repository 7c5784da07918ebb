using XdpTop.Export;
using XdpTop.Flows;

namespace XdpTop.Tests.Export;

/// <summary>An output in memory.</summary>
internal sealed class ListOutput : IRecordOutput
{
    public string Name => "a list";

    public List<FlowRecord> Records { get; } = [];

    public bool IsDisposed { get; private set; }

    public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default) => Records.AddRange(records);

    public void Dispose() => IsDisposed = true;
}
