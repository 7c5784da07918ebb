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

    /// <summary>Takes errno of the call that has just failed on this thread.</summary>
    public static NativeException FromErrno(string operation, string remedy) =>
        new(operation, Marshal.GetLastPInvokeError() is var errno && errno != 0 ? errno : Marshal.GetLastSystemError(), remedy);

    /// <summary>The errno's text and number, as in "Permission denied (errno 13)".</summary>
    public static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
