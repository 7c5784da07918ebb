namespace XdpTop.Monitoring;

/// <summary>How an Observation Point is being captured, for the header line.</summary>
internal sealed record InterfaceStatus
{
    /// <summary>The interface's or the capture file's name.</summary>
    public required string Name { get; init; }

    /// <summary>"redirect" or "file".</summary>
    public required string Mode { get; init; }

    /// <summary>How the XDP program is attached: "native" or "skb"; empty for files.</summary>
    public string Attach { get; init; } = "";

    /// <summary>The driver's answer about the sockets: "zero-copy" or "copy"; empty for files.</summary>
    public string Bind { get; init; } = "";

    /// <summary>RX queues that are read.</summary>
    public int Queues { get; init; }

    /// <summary>What the user has to know, as "link is down"; empty when all is well.</summary>
    public string Notice { get; init; } = "";
}
