using System.Buffers.Binary;
using System.Runtime.InteropServices;
using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>
/// Made-up frames: 64-byte Ethernet frames (60 without FCS) of IPv4 and UDP, each of a random flow, that rotate through
/// an area like a UMEM. They are written as they are received.
/// </summary>
internal sealed unsafe class SyntheticSource : RoundSource
{
    private const int Frames = 8192;
    private const int FrameSize = 2048;
    private const int FrameOctets = 60;
    private const int IpOffset = 14;
    private const int IpOctets = FrameOctets - IpOffset;
    private const int FlowsOfAddress = 1024;     // a source address has so many source ports
    private const int OrderLength = 1 << 22;     // then the random flows come again
    private const uint FloodBit = 1u << 31;

    /// <summary>Of all flows but those of a flood.</summary>
    public static readonly IpAddress Destination = IpAddress.Parse("10.77.0.1");

    private readonly MappedMemory _area = MappedMemory.Allocate(Frames * FrameSize, "made-up frames");
    private readonly MappedMemory _orderMemory = MappedMemory.Allocate(OrderLength * sizeof(uint), "the order of flows");
    private readonly uint* _order;
    private readonly int _newFlowsOf100;

    /// <param name="flows">Different flows.</param>
    /// <param name="newFlowsOf100">Of 100 packets so many are the first and only ones of a random flow beside those: a flood.</param>
    public SyntheticSource(int flows, long packets, int rounds, int newFlowsOf100 = 0)
        : base(packets, rounds)
    {
        _order = (uint*)_orderMemory.Pointer;
        _newFlowsOf100 = newFlowsOf100;
        Random random = new(1);
        for (int i = 0; i < OrderLength; i++)
            _order[i] = random.Next(100) < newFlowsOf100 ? FloodBit : (uint)random.Next(flows);
        Span<byte> ethernet = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00];
        Span<byte> ip = [0x45, 0, 0, IpOctets, 0, 0, 0x40, 0, 64, 17];
        Span<byte> udp = [0, 0, 0, 80, 0, IpOctets - 20, 0, 0];
        for (int frame = 0; frame < Frames; frame++)
        {
            Span<byte> bytes = new(FrameAt(frame), FrameOctets);
            ethernet.CopyTo(bytes);
            ip.CopyTo(bytes[IpOffset..]);
            Destination.Bytes(4).CopyTo(bytes[(IpOffset + 16)..]);
            udp.CopyTo(bytes[(IpOffset + 20)..]);
        }
    }

    public override void Dispose()
    {
        _area.Dispose();
        _orderMemory.Dispose();
    }

    protected override int Lend(Span<Frame> frames, long first, long now)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            byte* frame = FrameAt((int)((first + i) % Frames));
            uint flow = _order[(first + i) % OrderLength];
            byte* ip = frame + IpOffset;
            if (_newFlowsOf100 > 0)
                *(uint*)(ip + 16) = flow == FloodBit ? FloodAddress(first + i) : MemoryMarshal.Read<uint>(Destination.Bytes(4));
            *(uint*)(ip + 12) = BinaryPrimitives.ReverseEndianness(0x0a000000 | flow / FlowsOfAddress);
            *(ushort*)(ip + 20) = BinaryPrimitives.ReverseEndianness((ushort)(1024 + flow % FlowsOfAddress));
            frames[i].Set(frame, FrameOctets, FrameOctets, now);
        }
        return frames.Length;
    }

    // Of each packet another one: an odd factor makes a permutation of all 32-bit numbers.
    private static uint FloodAddress(long packet) => (uint)packet * 0x9e3779b1u;

    // As in a UMEM, where the kernel leaves headroom.
    private byte* FrameAt(int frame) => _area.Pointer + frame * FrameSize + XskOptions.KernelHeadroom;
}
