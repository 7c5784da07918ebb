using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// Where every ended Flow Record goes besides the collectors: a file, or whatever a name stands for. Used by one thread at a
/// time: the exporter's, or where it can stall one of its own.
/// </summary>
internal interface IRecordOutput : IDisposable
{
    /// <summary>What the user calls it.</summary>
    string Name { get; }

    /// <summary>Whether somebody who does not read it can make a write wait for ever.</summary>
    bool CanStall => false;

    /// <summary>The most records that it takes at once.</summary>
    int MostRecords => int.MaxValue;

    /// <summary>Whether, after a failure, it can begin anew with what comes next.</summary>
    bool CanGoOn => false;

    /// <summary>
    /// Writes these records, down to the operating system. Throws <see cref="IOException"/> where that fails: then none of
    /// them is in it, unless it is one of those, like a pipe, that nothing can be taken back from.
    /// </summary>
    /// <param name="distributions">Those of the records; empty where they are not counted.</param>
    void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default);

    /// <summary>These were for it and are lost: for its own statistics, if it has some.</summary>
    void Miss(in Tally records)
    {
    }

    /// <summary>Called several times a second: does what is due even if no record ends. Throws as <see cref="Write"/> does.</summary>
    void Tend()
    {
    }
}
