using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>
/// A worker's place for a live frame source, which another thread can exchange for another while the worker goes on, as
/// when the interface has gone and come back. The worker reads the old one empty first: whoever exchanges it has had the
/// kernel's programs detached, so that no more frames come. Owns the source that is in it.
/// </summary>
internal sealed class SourceSlot(IFrameSource source) : IFrameSource
{
    private IFrameSource _source = source;
    private IFrameSource? _next;

    public LinkType LinkType => _source.LinkType;

    public bool Ended => _source.Ended;

    public long Now => _source.Now;

    public int Receive(Span<Frame> frames)
    {
        int count = _source.Receive(frames);
        if (count == 0)
            TakeNext();
        return count;
    }

    public void Release() => _source.Release();

    public void Wait(int milliseconds) => _source.Wait(milliseconds);

    public void Dispose() => _source.Dispose();

    /// <summary>
    /// The one thread that exchanges: gives the next source, which becomes this slot's. The one that is in it becomes the
    /// caller's once <see cref="IsTaken"/>.
    /// </summary>
    public void Offer(IFrameSource next) => Volatile.Write(ref _next, next); // release: pairs with the worker's acquire

    /// <summary>Whether the worker has done with the source before.</summary>
    public bool IsTaken => Volatile.Read(ref _next) is null; // acquire: pairs with the worker's release

    /// <summary>In the worker's place, once it has ended.</summary>
    public void TakeNext()
    {
        if (Volatile.Read(ref _next) is not { } next)
            return;
        _source = next;
        Volatile.Write(ref _next, null);
    }
}

/// <summary>In a slot while there is nothing to receive from.</summary>
internal sealed class NoSource : IFrameSource
{
    public static readonly NoSource Instance = new();

    public LinkType LinkType => LinkType.Ethernet;

    public bool Ended => false;

    public long Now => CaptureClock.Now;

    public int Receive(Span<Frame> frames) => 0;

    public void Release()
    {
    }

    public void Wait(int milliseconds) => Thread.Sleep(milliseconds);

    public void Dispose()
    {
    }
}
