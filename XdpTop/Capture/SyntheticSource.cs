using System.Buffers.Binary;
using System.Diagnostics;
using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>
/// Made-up frames for measuring what comes after the socket: 64-byte Ethernet frames (60 without FCS) of IPv4 and UDP, each of a
/// random flow, that rotate through an area like a UMEM. Frames are written as they are received, in rounds of equal
/// length; when each round began and ended is kept.
/// </summary>
internal sealed unsafe class SyntheticSource : IFrameSource
{
    private const int Frames = 8192;
    private const int FrameSize = 2048;
    private const int FrameOctets = 60;
    private const int IpOffset = 14;
    private const int IpOctets = FrameOctets - IpOffset;
    private const int FlowsOfAddress = 1024;     // a source address has so many source ports
    private const int OrderLength = 1 << 22;     // then the random flows come again

    private readonly MappedMemory _area = MappedMemory.Allocate(Frames * FrameSize, "made-up frames");
    private readonly MappedMemory _orderMemory = MappedMemory.Allocate(OrderLength * sizeof(uint), "the order of flows");
    private readonly uint* _order;
    private readonly long _packets;
    private readonly long[] _roundEnds; // Stopwatch ticks; the first is when round 0 began
    private long _sent;
    private int _round = -1;

    /// <param name="flows">Different flows.</param>
    /// <param name="packets">In a round; a multiple of the batch.</param>
    /// <param name="rounds">After so many there are no more frames.</param>
    public SyntheticSource(int flows, long packets, int rounds)
    {
        _packets = packets;
        _roundEnds = new long[rounds + 1];
        _order = (uint*)_orderMemory.Pointer;
        Random random = new(1);
        for (int i = 0; i < OrderLength; i++)
            _order[i] = (uint)random.Next(flows);
        Span<byte> ethernet = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00];
        Span<byte> ip = [0x45, 0, 0, IpOctets, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 0, 10, 77, 0, 1];
        Span<byte> udp = [0, 0, 0, 80, 0, IpOctets - 20, 0, 0];
        for (int frame = 0; frame < Frames; frame++)
        {
            Span<byte> bytes = new(FrameAt(frame), FrameOctets);
            ethernet.CopyTo(bytes);
            ip.CopyTo(bytes[IpOffset..]);
            udp.CopyTo(bytes[(IpOffset + 20)..]);
        }
    }

    public LinkType LinkType => LinkType.Ethernet;

    public bool Ended => _round == _roundEnds.Length - 1;

    public long Now => CaptureClock.Now;

    /// <summary>How long a round took, after the end; from the first frame of a round to that of the next.</summary>
    public TimeSpan RoundTime(int round) => Stopwatch.GetElapsedTime(_roundEnds[round], _roundEnds[round + 1]);

    public int Receive(Span<Frame> frames)
    {
        if (_sent % _packets == 0)
        {
            _roundEnds[++_round] = Stopwatch.GetTimestamp();
            if (Ended)
                return 0;
        }
        int count = (int)Math.Min(frames.Length, _packets - _sent % _packets);
        long now = CaptureClock.Now;
        for (int i = 0; i < count; i++)
        {
            byte* frame = FrameAt((int)(_sent % Frames));
            uint flow = _order[_sent % OrderLength];
            byte* ip = frame + IpOffset;
            *(uint*)(ip + 12) = BinaryPrimitives.ReverseEndianness(0x0a000000 | flow / FlowsOfAddress);
            *(ushort*)(ip + 20) = BinaryPrimitives.ReverseEndianness((ushort)(1024 + flow % FlowsOfAddress));
            frames[i].Set(frame, FrameOctets, FrameOctets, now);
            _sent++;
        }
        return count;
    }

    public void Release()
    {
    }

    public void Wait(int milliseconds)
    {
    }

    public void Dispose()
    {
        _area.Dispose();
        _orderMemory.Dispose();
    }

    // As in a UMEM, where the kernel leaves headroom.
    private byte* FrameAt(int frame) => _area.Pointer + frame * FrameSize + XskOptions.KernelHeadroom;
}
