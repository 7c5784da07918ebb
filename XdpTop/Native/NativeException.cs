using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>
/// A call to the kernel or to a C library that failed. The message is one sentence: operation, cause with errno, remedy.
/// </summary>
internal sealed class NativeException : Exception
{
    public NativeException(string operation, int errno, string remedy)
        : base($"{operation} failed: {Describe(errno)}; {remedy}")
    {
        Errno = errno;
    }

    /// <summary>For what has no errno of its own: a sentence that is already whole.</summary>
    public NativeException(string sentence, Exception? inner = null)
        : base(sentence, inner)
    {
    }

    /// <summary>The errno, positive; 0 where the cause has none.</summary>
    public int Errno { get; }

    /// <summary>Whether rights or kernel support are lacking, rather than something having gone wrong.</summary>
    public bool IsUnsupported => Errno is Native.Errno.EPERM or Native.Errno.EACCES or Native.Errno.EOPNOTSUPP or Native.Errno.EAFNOSUPPORT;

    /// <summary>Whether the kernel does not know what it was asked for: it may be too old.</summary>
    public bool IsInvalidArgument => Errno is Native.Errno.EINVAL;

    /// <summary>Whether another way to the same end may be open: neither rights are lacking, nor has the thing itself gone.</summary>
    public bool ConcernsThisWayOnly => Errno is not (0 or Native.Errno.EPERM or Native.Errno.EACCES or Native.Errno.ENODEV);

    /// <summary>Takes errno of the call that has just failed on this thread.</summary>
    public static NativeException FromErrno(string operation, string remedy) =>
        new(operation, Marshal.GetLastPInvokeError() is var errno && errno != 0 ? errno : Marshal.GetLastSystemError(), remedy);

    /// <summary>The errno's text and number, as in "Permission denied (errno 13)".</summary>
    public static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
