using Tmds.Linux;
using XdpTop.Packets;
using static Tmds.Linux.LibC;

namespace XdpTop.Capture;

/// <summary>
/// Several AF_XDP sockets of one interface for one worker, where there are fewer workers than queues. A batch is of as
/// many sockets as it takes to fill it, and the next one begins with the socket after these. Owns the sockets.
/// </summary>
/// <param name="wait">The sockets'.</param>
internal sealed unsafe class XskSocketGroup(XskSocket[] sockets, WaitMode wait) : IFrameSource
{
    private readonly pollfd[] _polled = [.. sockets.Select(socket => new pollfd { fd = socket.FileDescriptor, events = POLLIN })];
    private int _next;

    public LinkType LinkType => sockets[0].LinkType;

    public bool Ended => false;

    public long Now => CaptureClock.Now;

    public int Receive(Span<Frame> frames)
    {
        int count = 0;
        for (int i = 0; i < sockets.Length && count < frames.Length; i++)
        {
            count += sockets[_next].Receive(frames[count..]);
            _next = _next + 1 < sockets.Length ? _next + 1 : 0;
        }
        return count;
    }

    public void Release()
    {
        foreach (XskSocket socket in sockets)
            socket.Release();
    }

    public void Wait(int milliseconds)
    {
        if (wait != WaitMode.Poll)
        {
            foreach (XskSocket socket in sockets)
                socket.Wait(0);
            return;
        }
        fixed (pollfd* polled = _polled)
            _ = poll(polled, (uint)_polled.Length, milliseconds); // an interruption is as good as a time-out
    }

    public void Dispose()
    {
        foreach (XskSocket socket in sockets)
            socket.Dispose();
    }
}
