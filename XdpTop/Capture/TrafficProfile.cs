namespace XdpTop.Capture;

/// <summary>What a <see cref="TrafficGenerator"/> sends.</summary>
internal sealed record TrafficProfile
{
    /// <summary>Conversations of clients and servers, some busy, most not, begun and ended all the time: for the demo.</summary>
    public static TrafficProfile Mix { get; } = new()
    {
        Program = "send_mix",
        HasConversations = true,
        Flows = 2000,
        FrameOctets = 1514,
        IPv6Percent = 20,
        VlanPercent = 10,
        UdpPercent = 30,
        IcmpPercent = 4,
    };

    /// <summary>
    /// Flows of which all is known beforehand, for measuring: packet i of a sending core belongs to its flow i % flows.
    /// Flow f of core c is UDP over IPv4 from 10.0.0.0 + f, port 1024 + (f &amp; 0x7fff), to 192.168.255.c, port 9.
    /// </summary>
    /// <param name="flows">For each sending core, at most 2²⁴.</param>
    /// <param name="frameOctets">Of each frame, without FCS; 60 is the shortest that Ethernet has.</param>
    public static TrafficProfile Known(int flows, int frameOctets = 60) =>
        new() { Program = "send_known", Flows = flows, FrameOctets = frameOctets };

    /// <summary>The BPF program's name.</summary>
    public required string Program { get; init; }

    /// <summary>Whether the program keeps a state for each conversation.</summary>
    public bool HasConversations { get; init; }

    /// <summary>Flows, or conversations (two flows each), at any time for each sending core.</summary>
    public required int Flows { get; init; }

    /// <summary>The longest frame.</summary>
    public required int FrameOctets { get; init; }

    // Of the conversations of a mix.
    public int IPv6Percent { get; init; }
    public int VlanPercent { get; init; }
    public int UdpPercent { get; init; }
    public int IcmpPercent { get; init; }
}
