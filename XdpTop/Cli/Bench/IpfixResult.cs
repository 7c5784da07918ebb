namespace XdpTop.Cli.Bench;

/// <summary>What the exporter can send.</summary>
/// <param name="OctetsPerRecord">Of messages, with all headers of IPFIX.</param>
/// <param name="AllocatedPerRecord">Octets that the sending thread allocates.</param>
/// <param name="EncodingNanoseconds">Of a record's time, what it takes to write it into a message.</param>
internal sealed record IpfixResult(
    long Records, long Messages, double RecordsPerSecond, double OctetsPerRecord, double AllocatedPerRecord, double EncodingNanoseconds);
