namespace XdpTop.Flows;

/// <summary>
/// Secrets that hashes of flow keys begin with, so that nobody can send keys that all meet in one place. They are the
/// kernel's: .NET's own generator takes OpenSSL, and ends the process where that is not installed.
/// </summary>
internal static class HashSeed
{
    /// <summary>New random octets.</summary>
    public static byte[] Make(int octets)
    {
        byte[] seed = new byte[octets];
        using FileStream random = new("/dev/urandom", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        random.ReadExactly(seed);
        return seed;
    }
}
