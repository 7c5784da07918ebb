using XdpTop.Memory;

namespace XdpTop.Tests.Memory;

public sealed class PublishedTests
{
    [Fact]
    public void A_reader_sees_whole_values_only_and_none_older_than_the_last()
    {
        Published<(long A, long B, long C)> published = new();
        bool stop = false;
        Thread writer = new(() =>
        {
            for (long i = 1; !Volatile.Read(ref stop); i++)
                published.Write((i, 2 * i, 3 * i));
        });
        writer.Start();
        long last = 0;
        int changes = 0;
        for (int i = 0; i < 100_000 || changes < 100; i++)
        {
            (long a, long b, long c) = published.Read();
            Assert.Equal((2 * a, 3 * a), (b, c));
            Assert.True(a >= last);
            changes += a > last ? 1 : 0;
            last = a;
        }
        Volatile.Write(ref stop, true);
        writer.Join();
    }
}
