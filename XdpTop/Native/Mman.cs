namespace XdpTop.Native;

/// <summary>&lt;sys/mman.h&gt;, what Tmds.LibC lacks.</summary>
internal static class Mman
{
    /// <summary>mmap(2): pages of the pool of huge pages (vm.nr_hugepages), here of 2 MiB.</summary>
    public const int MAP_HUGETLB = 0x40000;
    public const int MAP_HUGE_2MB = 21 << 26;

    /// <summary>madvise(2): populate page tables writable; Linux 5.14.</summary>
    public const int MADV_POPULATE_WRITE = 23;
}
