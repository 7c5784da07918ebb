using System.Globalization;
using System.Runtime.CompilerServices;
using Tmds.Linux;
using XdpTop.Native;
using static Tmds.Linux.LibC;

namespace XdpTop.Memory;

/// <summary>
/// One block of zeroed memory off the managed heap, page-aligned. Whoever allocates it owns it and disposes it after
/// its last reader; what is allocated and not yet freed is counted in <see cref="TotalOctets"/>.
/// </summary>
internal sealed unsafe class MappedMemory : IDisposable
{
    private const nuint HugePage = 2 << 20;
    private const string Mappings = "/proc/self/smaps";

    private static long s_totalOctets;
    private void* _mapping;
    private readonly nuint _mappingLength;

    private MappedMemory(void* mapping, nuint mappingLength, byte* pointer, nuint length)
    {
        _mapping = mapping;
        _mappingLength = mappingLength;
        Pointer = pointer;
        Length = length;
        Interlocked.Add(ref s_totalOctets, (long)length);
    }

    /// <summary>Octets of all blocks alive, and of what was told to <see cref="CountOther"/>.</summary>
    public static long TotalOctets => Volatile.Read(ref s_totalOctets);

    /// <summary>Octets that the machine could give without swapping (MemAvailable of proc(5)); no limit where it does not say.</summary>
    public static ulong Available
    {
        get
        {
            const string Key = "MemAvailable:";
            string? line = File.Exists("/proc/meminfo") ? File.ReadLines("/proc/meminfo").FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal)) : null;
            return line is not null && ulong.TryParse(line.AsSpan(Key.Length).Trim().TrimEnd(" kB"), out ulong kibibytes) ? kibibytes << 10 : ulong.MaxValue;
        }
    }

    /// <summary>The first byte. Valid until <see cref="Dispose"/>.</summary>
    public byte* Pointer { get; }

    public nuint Length { get; }

    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    public Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ObjectDisposedException.ThrowIf(_mapping == null, this);
            return new Span<byte>(Pointer, checked((int)Length));
        }
    }

    /// <summary>
    /// Maps <paramref name="length"/> octets. From 2 MiB on the block is aligned for, and asks the kernel for,
    /// transparent huge pages: a table with random access then costs one TLB miss in hundreds of thousands of records.
    /// </summary>
    /// <param name="length">In octets.</param>
    /// <param name="what">What the memory is for, for the error's sentence.</param>
    /// <param name="fromPool">Takes huge pages of the pool that the administrator has set aside (vm.nr_hugepages), if enough are free.</param>
    /// <exception cref="NativeException">The kernel has no such memory to give.</exception>
    public static MappedMemory Allocate(nuint length, string what, bool fromPool = false)
    {
        if (fromPool && length > 0 && length % HugePage == 0)
        {
            // Without MAP_NORESERVE it fails here and now if there are too few.
            int flags = MAP_PRIVATE | MAP_ANONYMOUS | Mman.MAP_HUGETLB | Mman.MAP_HUGE_2MB;
            void* pages = mmap(null, (size_t)(ulong)length, PROT_READ | PROT_WRITE, flags, -1, 0);
            if (pages != MAP_FAILED)
                return new MappedMemory(pages, length, (byte*)pages, length);
        }
        bool huge = length >= HugePage;
        nuint mappingLength = huge ? length + HugePage : length;
        void* mapping = mmap(null, (size_t)(ulong)mappingLength, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapping == MAP_FAILED)
        {
            throw NativeException.FromErrno(
                $"allocating {length >> 20} MiB for {what}", "ask for less with --cache-size or --frames, or free memory");
        }
        byte* pointer = (byte*)mapping;
        if (huge)
        {
            pointer = (byte*)(((nuint)mapping + HugePage - 1) & ~(HugePage - 1));
            _ = madvise(pointer, (size_t)(ulong)length, MADV_HUGEPAGE); // a refusal costs speed, nothing else
        }
        return new MappedMemory(mapping, mappingLength, pointer, length);
    }

    /// <summary>Octets of it that are in huge pages now, be they of the pool or transparent ones, by smaps of proc(5); 0 where it does not tell.</summary>
    public ulong ReadHugeOctets()
    {
        ulong kibibytes = 0;
        bool isOwn = false;
        foreach (string line in File.Exists(Mappings) ? File.ReadLines(Mappings) : [])
        {
            // "7f12a0000000-7f12b0000000 rw-p …", then "AnonHugePages:   2048 kB" and more of that mapping.
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] ends = words[0].Split('-');
            if (ends.Length == 2 && ulong.TryParse(ends[0], NumberStyles.HexNumber, null, out ulong start) && ulong.TryParse(ends[1], NumberStyles.HexNumber, null, out ulong end))
                isOwn = start < (ulong)Pointer + Length && end > (ulong)Pointer;
            else if (isOwn && words is ["AnonHugePages:" or "Private_Hugetlb:", var number, ..])
                kibibytes += ulong.Parse(number, CultureInfo.InvariantCulture);
        }
        return Math.Min(kibibytes << 10, Length); // neighbours may be one mapping
    }

    /// <summary>Counts in <see cref="TotalOctets"/> what the kernel sets aside for this process in other ways; negative when it is freed.</summary>
    public static void CountOther(long octets) => Interlocked.Add(ref s_totalOctets, octets);

    /// <summary>
    /// Has the kernel give all pages now: the first use of one can take long, more so where it has to make huge ones first.
    /// What was written stays; others may use the memory meanwhile. Page by page, since nothing else of the process can
    /// map memory, nor start a thread, during the call. Before Linux 5.14 it does nothing.
    /// </summary>
    public void Populate()
    {
        for (nuint at = 0; at < Length; at += HugePage)
            _ = madvise(Pointer + at, (size_t)(ulong)Math.Min(HugePage, Length - at), Mman.MADV_POPULATE_WRITE);
    }

    public void Dispose()
    {
        if (_mapping == null)
            return;
        _ = munmap(_mapping, (size_t)(ulong)_mappingLength);
        _mapping = null;
        Interlocked.Add(ref s_totalOctets, -(long)Length);
    }
}
