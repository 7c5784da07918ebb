using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace XdpTop.Native;

/// <summary>
/// A terminal that this process is at both ends of: standard input and output are one end, until <see cref="Dispose"/> gives
/// them back, and whoever reads and writes here sits at the other.
/// </summary>
internal sealed unsafe class PseudoTerminal : IDisposable
{
    private const int LongestName = 64;

    private readonly int _master;
    private readonly int _input;
    private readonly int _output;
    private bool _isDisposed;

    /// <exception cref="NativeException">There is none to be had.</exception>
    public PseudoTerminal(int columns, int rows)
    {
        const string Doing = "making a pseudo-terminal";
        const string Remedy = "mount devpts on /dev/pts";
        _master = StdLib.posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        Span<byte> name = stackalloc byte[LongestName];
        if (_master < 0 || StdLib.grantpt(_master) < 0 || StdLib.unlockpt(_master) < 0 || StdLib.ptsname_r(_master, name, LongestName) != 0)
            throw NativeException.FromErrno(Doing, Remedy);
        int slave;
        fixed (byte* path = name)
            slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        winsize size = new() { ws_col = (ushort)columns, ws_row = (ushort)rows };
        if (slave < 0 || ioctl(slave, TIOCSWINSZ, &size) < 0)
            throw NativeException.FromErrno(Doing, Remedy);
        (_input, _output) = (dup(0), dup(1));
        if (_input < 0 || _output < 0 || dup2(slave, 0) < 0 || dup2(slave, 1) < 0)
            throw NativeException.FromErrno("putting a pseudo-terminal in the place of standard input and output", "leave both open");
        _ = close(slave);
    }

    /// <summary>Reads what was written to the terminal, as soon as there is something; 0 when the time is over.</summary>
    public int Read(Span<byte> into, int milliseconds)
    {
        pollfd readable = new() { fd = _master, events = POLLIN };
        if (poll(&readable, 1, milliseconds) <= 0)
            return 0;
        fixed (byte* bytes = into)
            return (int)Math.Max(0, (long)(nint)read(_master, bytes, (size_t)(ulong)into.Length));
    }

    /// <summary>Types.</summary>
    public void Type(string keys) => FileDescriptor.WriteAll(_master, Encoding.UTF8.GetBytes(keys), () => true);

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _ = dup2(_input, 0);
        _ = dup2(_output, 1);
        _ = close(_input);
        _ = close(_output);
        _ = close(_master);
    }
}
