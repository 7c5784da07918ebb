using System.IO.Pipes;
using XdpTop.Capture;

namespace XdpTop.Tests.Capture;

public sealed class PcapSourceTests
{
    private static readonly byte[] s_pcap = new CaptureFileBuilder().PcapHeader()
        .PcapRecord(1, 1, new byte[60]).PcapRecord(2, 2, new byte[30], length: 1514).PcapRecord(3, 3, []).ToArray();

    private static readonly byte[] s_pcapng = new CaptureFileBuilder().Section().Interface(resolution: 9).Interface(101, offset: 4)
        .Enhanced(0, 1, new byte[60], flags: 1).Enhanced(1, 1, new byte[33]).Block(5, body => body.Add(new byte[12]))
        .Simple(new byte[7]).Obsolete(1, 1, new byte[9]).ToArray();

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("d4c3", "it is too short")]
    [InlineData("d4c3b2a1020004", "its header is cut off")]
    [InlineData("7f454c4602010100", "it is neither pcap nor pcapng")]
    [InlineData("1f8b080000000000", "it is compressed and has to be unpacked first, as in 'zcat FILE | xdptop --read -'")]
    public void What_is_not_a_capture_file_is_refused_with_a_sentence(string hex, string cause)
    {
        CaptureException exception = Assert.Throws<CaptureException>(() => CaptureReader.Read(Convert.FromHexString(hex)));
        Assert.Equal($"reading 'x.pcap' as a capture file failed: {cause}", exception.Message);
    }

    [Theory]
    [InlineData("/nonexistent/file.pcap", "Could not find")]
    [InlineData("/", "it is a directory")]
    [InlineData("", "check its name")]
    public void What_cannot_be_opened_is_refused_with_a_sentence(string path, string part)
    {
        CaptureException exception = Assert.Throws<CaptureException>(() => PcapSource.Open(path));
        Assert.StartsWith($"opening the capture file '{path}' failed: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_read_by_its_path()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, s_pcap);
            using PcapSource source = PcapSource.Open(path);
            Assert.Equal(CaptureReader.Read(s_pcap).Packets, CaptureReader.Read(source).Packets);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_stream_that_gives_an_octet_at_a_time_gives_the_same_packets()
    {
        foreach (byte[] file in new[] { s_pcap, s_pcapng })
            Assert.Equal(CaptureReader.Read(file).Packets, CaptureReader.Read(new Trickle(file)).Packets);
    }

    [Fact]
    public void A_stream_that_fails_gives_what_came_before()
    {
        CaptureReader read = CaptureReader.Read(new Trickle(s_pcap, failAt: 110));
        Assert.Single(read.Packets);
        Assert.Equal("the capture file 'x.pcap' could not be read beyond byte 110 (the disk is gone): everything before was used", read.Problem);
    }

    [Fact]
    public void A_pipe_with_nothing_in_it_does_not_stop_the_reader()
    {
        using AnonymousPipeServerStream writer = new(PipeDirection.Out);
        using FileStream pipe = new(
            new Microsoft.Win32.SafeHandles.SafeFileHandle(writer.ClientSafePipeHandle.DangerousGetHandle(), false), FileAccess.Read, 0);
        writer.Write(s_pcap.AsSpan(0, 110)); // one packet, and the beginning of another
        using PcapSource source = PcapSource.Open(pipe, "pipe");
        Frame[] frames = new Frame[8];
        Assert.Equal(1, source.Receive(frames));
        Assert.Equal(0, source.Receive(frames));
        source.Wait(1);
        Assert.False(source.Ended);
        writer.Write(s_pcap.AsSpan(110));
        source.Wait(10_000);
        Assert.Equal(2, source.Receive(frames));
        Assert.Equal(0, source.Receive(frames));
        Assert.False(source.Ended);
        writer.Dispose();
        Assert.Equal(0, source.Receive(frames));
        Assert.True(source.Ended);
        Assert.Null(source.Problem);
    }

    [Fact]
    public void No_mutation_of_a_file_breaks_the_reader()
    {
        Random random = new(42);
        byte[][] files = [s_pcap, s_pcapng, new CaptureFileBuilder(true).Section().Interface().Enhanced(0, 1, new byte[60]).ToArray()];
        int packets = 0, problems = 0, refused = 0;
        for (int i = 0; i < 5_000; i++)
        {
            byte[] file = [.. files[i % files.Length]];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
            {
                byte[] value = random.Next(4) switch { 0 => [0], 1 => [255, 255, 255, 255], 2 => [0, 0, 0, 16], _ => [(byte)random.Next(256)] };
                value.AsSpan().CopyTo(file.AsSpan(random.Next(file.Length - 4)));
            }
            try
            {
                CaptureReader read = CaptureReader.Read(file);
                Assert.All(read.Packets, packet => Assert.True(packet.WireOctets >= packet.Hex.Length / 2));
                Assert.All(read.Packets, packet => Assert.InRange(packet.Timestamp, 0, CaptureFormat.LatestTimestamp));
                Assert.True(read.Packets.Sum(packet => packet.Hex.Length / 2) <= file.Length);
                packets += read.Packets.Count;
                problems += read.Problem is null ? 0 : 1;
            }
            catch (CaptureException)
            {
                refused++;
            }
        }
        Assert.True(packets > 2_000 && problems > 500 && refused > 50, $"{packets} {problems} {refused}");
    }

    /// <summary>Gives an octet at a time.</summary>
    private sealed class Trickle(byte[] file, int failAt = int.MaxValue) : MemoryStream(file)
    {
        public override int Read(Span<byte> buffer) =>
            Position >= failAt ? throw new IOException("the disk is gone") : base.Read(buffer[..Math.Min(1, buffer.Length)]);
    }
}
