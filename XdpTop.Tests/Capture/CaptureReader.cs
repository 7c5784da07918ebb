using XdpTop.Capture;
using XdpTop.Packets;

namespace XdpTop.Tests.Capture;

/// <summary>What a capture file held, copied out of the source's memory.</summary>
internal sealed record CaptureReader(IReadOnlyList<CaptureReader.Packet> Packets, string? Problem)
{
    internal sealed record Packet(LinkType LinkType, string Hex, uint WireOctets, long Timestamp);

    public static CaptureReader Read(byte[] file, int batch = 64) => Read(new MemoryStream(file), batch);

    public static CaptureReader Read(Stream stream, int batch = 64)
    {
        using PcapSource source = PcapSource.Open(stream, "x.pcap");
        return Read(source, batch);
    }

    public static CaptureReader Read(PcapSource source, int batch = 64)
    {
        List<Packet> packets = [];
        Frame[] frames = new Frame[batch];
        while (!source.Ended)
        {
            int count = source.Receive(frames);
            foreach (Frame frame in frames.AsSpan(0, count))
                packets.Add(new(source.LinkType, Convert.ToHexString(frame.Bytes), frame.WireOctets, frame.Timestamp));
            source.Release();
            if (count == 0)
                source.Wait(1000);
        }
        Assert.Equal(0, source.Receive(frames));
        Assert.True(source.Ended);
        return new(packets, source.Problem);
    }
}
