namespace XdpTop.Native;

/// <summary>&lt;sys/mman.h&gt;, what Tmds.LibC lacks.</summary>
internal static class Mman
{
    /// <summary>madvise(2): populate page tables writable; Linux 5.14.</summary>
    public const int MADV_POPULATE_WRITE = 23;
}
