using XdpTop.Native;

namespace XdpTop.Export;

/// <summary>
/// A pipe, a terminal or another device that is opened by its name. The first write waits until somebody reads a pipe, and
/// each until there is room, unless it gives up. Used by one thread at a time.
/// </summary>
internal sealed class DeviceStream : WriteOnlyStream
{
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly Func<bool> _givesUp;
    private int _descriptor; // -1 while nobody reads

    /// <param name="givesUp">Is asked again and again while nobody reads.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public DeviceStream(string path, Func<bool> givesUp)
    {
        _path = path;
        _givesUp = givesUp;
        _descriptor = FileDescriptor.OpenToWrite(path);
        CanStall = _descriptor < 0 || FileDescriptor.CanStall(_descriptor);
    }

    public override bool CanStall { get; }

    /// <exception cref="IOException">It cannot be written, or nobody reads it any more, or nobody has in time.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (_descriptor < 0 && (_descriptor = FileDescriptor.OpenToWrite(_path)) < 0 && !_givesUp())
            Thread.Sleep(s_lookInterval);
        if (_descriptor < 0 || !FileDescriptor.WriteAll(_descriptor, buffer, CanStall ? _givesUp : null))
            throw new IOException("nobody reads it");
    }

    protected override void Dispose(bool disposing)
    {
        if (_descriptor >= 0)
            FileDescriptor.Close(_descriptor);
        _descriptor = -1;
        base.Dispose(disposing);
    }
}
