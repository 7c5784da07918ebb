using XdpTop.Packets;

namespace XdpTop.Capture;

/// <summary>
/// Where a worker gets its frames: an AF_XDP socket or a capture file. All members but <see cref="IDisposable.Dispose"/>
/// are called by the one worker thread that owns the source; none allocates, and only <see cref="Wait"/> blocks.
/// </summary>
internal interface IFrameSource : IDisposable
{
    /// <summary>What the frames of the batch last received begin with.</summary>
    LinkType LinkType { get; }

    /// <summary>Set when there will be no more frames: the end of a capture file. A live source never ends.</summary>
    bool Ended { get; }

    /// <summary>The time on the clock of the frames' time stamps: nanoseconds since 1970-01-01 UTC; 0 before a file's first frame.</summary>
    long Now { get; }

    /// <summary>Lends up to <paramref name="frames"/>' length of frames, without waiting; gives how many.</summary>
    int Receive(Span<Frame> frames);

    /// <summary>Takes back all frames of the last <see cref="Receive"/>. Their bytes are not to be read any more.</summary>
    void Release();

    /// <summary>Blocks until there may be frames, or until the time is over.</summary>
    void Wait(int milliseconds);
}
