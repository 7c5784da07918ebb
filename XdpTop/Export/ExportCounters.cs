namespace XdpTop.Export;

/// <summary>
/// What has become of the Data Records for one collector, since start: each is counted once, when it is known. Used by the
/// exporter thread; others read what it publishes as <see cref="CollectorStatus"/>.
/// </summary>
internal sealed class ExportCounters
{
    /// <summary>Taken by the collector's host; over UDP, handed over to the network.</summary>
    public Tally Sent { get; private set; }

    /// <summary>Those that could not be kept or sent.</summary>
    public Tally NotSent { get; private set; }

    /// <summary>IPFIX Messages that were sent, as records are.</summary>
    public ulong Messages { get; private set; }

    /// <summary>Their octets.</summary>
    public ulong MessageOctets { get; private set; }

    public void AddSent(in Tally records) => Sent += records;

    public void AddNotSent(in Tally records) => NotSent += records;

    public void AddMessage(int octets)
    {
        Messages++;
        MessageOctets += (ulong)octets;
    }

    /// <summary>A message counted as sent turned out to be lost.</summary>
    public void MoveToNotSent(in Tally records, int octets)
    {
        Messages--;
        MessageOctets -= (ulong)octets;
        Sent -= records;
        NotSent += records;
    }
}
