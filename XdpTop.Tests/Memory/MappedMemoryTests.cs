using XdpTop.Memory;

namespace XdpTop.Tests.Memory;

public sealed unsafe class MappedMemoryTests
{
    [Theory]
    [InlineData(1u)]
    [InlineData(4096u)]
    [InlineData((2u << 20) + 5)]
    public void Is_zeroed_writable_and_counted(uint length)
    {
        using MappedMemory memory = MappedMemory.Allocate(length, "a test");
        Assert.True(MappedMemory.TotalOctets >= length);
        Assert.Equal(length, memory.Length);
        Assert.Equal(-1, memory.Span.IndexOfAnyExcept((byte)0));
        memory.Span.Fill(1);
        if (length >= 2 << 20)
            Assert.Equal(0u, (nuint)memory.Pointer % (2 << 20));
    }

    [Fact]
    public void What_cannot_be_had_is_said_in_a_sentence()
    {
        XdpTop.Native.NativeException e =
            Assert.Throws<XdpTop.Native.NativeException>(() => MappedMemory.Allocate((nuint)1 << 60, "a test"));
        Assert.Matches("^allocating 1099511627776 MiB for a test failed: .*errno 12.*; .*--cache-size", e.Message);
    }
}
