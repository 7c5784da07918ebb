using System.Globalization;
using XdpTop.Memory;

namespace XdpTop.Tests.Privileged;

public sealed unsafe class HugePagesTests
{
    private const string Pool = "/proc/sys/vm/nr_hugepages";
    private const nuint Length = 4 << 20;

    [Fact]
    public void Memory_comes_from_the_pool_where_it_has_enough_and_else_from_elsewhere()
    {
        int before = ReadPool();
        try
        {
            File.WriteAllText(Pool, $"{before + 2}");
            Assert.SkipUnless(ReadPool() == before + 2, "the kernel has no huge pages to give now");
            using (MappedMemory pooled = MappedMemory.Allocate(Length, "a test", fromPool: true))
            {
                pooled.Span.Fill(1);
                Assert.Equal((ulong)Length, pooled.ReadHugeOctets());
            }
            nuint tooMuch = (nuint)(ReadPool() + 1) << 21;
            using MappedMemory other = MappedMemory.Allocate(tooMuch, "a test", fromPool: true);
            other.Pointer[0] = 1;
            Assert.InRange(other.ReadHugeOctets(), 0UL, 1UL << 21); // a transparent one, or none
        }
        finally
        {
            File.WriteAllText(Pool, $"{before}");
        }
    }

    private static int ReadPool() => int.Parse(File.ReadAllText(Pool), CultureInfo.InvariantCulture);
}
