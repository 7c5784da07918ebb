using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Export;

/// <summary>Flow Records for tests: seeded, with every field set, of both IP versions and many protocols.</summary>
internal static class TestRecords
{
    /// <summary>2026-01-01T00:00:00Z in nanoseconds since 1970.</summary>
    public const long NewYear = 1_767_225_600_000_000_000;

    private static readonly byte[] s_protocols = [6, 17, 1, 58, 2, 132, 47];

    public static FlowRecord[] Random(int count, int seed)
    {
        Random random = new(seed);
        FlowRecord[] records = new FlowRecord[count];
        for (int i = 0; i < count; i++)
            records[i] = Random(random);
        return records;
    }

    public static FlowRecord Tcp(
        string source = "10.0.0.1", string destination = "10.0.0.2", ushort sourcePort = 1024, ushort destinationPort = 80)
    {
        FlowRecord record = default;
        record.Key.Source = IpAddress.Parse(source);
        record.Key.Destination = IpAddress.Parse(destination);
        record.Key.SourcePort = sourcePort;
        record.Key.DestinationPort = destinationPort;
        record.Key.Protocol = 6;
        record.Key.IpVersion = (byte)(source.Contains(':') ? 6 : 4);
        record.Start = NewYear + 1;
        record.End = NewYear + 1_500_000_000;
        record.Packets = 3;
        record.Octets = 180;
        record.PayloadOctets = 60;
        record.Layer2Octets = 222;
        record.MinimumLength = 40;
        record.MaximumLength = 100;
        record.MinimumTtl = 63;
        record.MaximumTtl = 64;
        record.TcpFlags = 0x1b;
        record.LengthHistogram[0] = 2;
        record.LengthHistogram[1] = 1;
        record.EndReason = FlowEndReason.IdleTimeout;
        return record;
    }

    /// <summary>Of many payloads, of few, of one value alone and of none.</summary>
    public static ByteDistribution[] RandomDistributions(int count, int seed)
    {
        Random random = new(seed);
        ByteDistribution[] distributions = new ByteDistribution[count];
        for (int i = 0; i < count; i++)
        {
            for (int n = i % 5 * i % 7 * 50; n >= i % 2; n--)
                distributions[i][random.Next(256)] = (uint)random.NextInt64(1L << random.Next(33));
        }
        return distributions;
    }

    private static FlowRecord Random(Random random)
    {
        FlowRecord record = default;
        record.Key.IpVersion = (byte)(random.Next(2) == 0 ? 4 : 6);
        Span<byte> address = stackalloc byte[record.Key.IpVersion == 4 ? 4 : 16];
        random.NextBytes(address);
        record.Key.Source = IpAddress.FromBytes(address);
        random.NextBytes(address);
        record.Key.Destination = IpAddress.FromBytes(address);
        record.Key.Protocol = s_protocols[random.Next(s_protocols.Length)];
        bool hasPorts = record.Key.Protocol is 6 or 17 or 132;
        record.Key.SourcePort = hasPorts ? (ushort)random.Next(65536) : (ushort)0;
        record.Key.DestinationPort = record.Key.Protocol == 47 ? (ushort)0 : (ushort)random.Next(65536);
        record.Key.OuterVlan = Vlan(random);
        record.Key.InnerVlan = record.Key.OuterVlan == 0 ? (ushort)0 : Vlan(random);
        record.Key.Direction = (byte)random.Next(2);
        record.Start = NewYear + random.NextInt64(1_000_000_000_000_000);
        record.End = record.Start + random.NextInt64(60_000_000_000);
        record.Packets = (ulong)random.NextInt64();
        record.Octets = (ulong)random.NextInt64();
        record.PayloadOctets = (ulong)random.NextInt64();
        record.Layer2Octets = ulong.MaxValue - (ulong)random.Next();
        record.TcpOptions = (ulong)random.NextInt64() << 1;
        record.IpOptions = random.Next(2) == 0 ? 0 : (uint)random.NextInt64(1L << 32);
        for (int bin = 0; bin < LengthHistogram.Bins; bin++)
            record.LengthHistogram[bin] = (uint)random.NextInt64(1L << 32);
        record.MinimumLength = (ushort)random.Next(65536);
        record.MaximumLength = (ushort)random.Next(65536);
        record.TcpFlags = (ushort)random.Next(0x1000);
        record.MinimumTtl = (byte)random.Next(256);
        record.MaximumTtl = (byte)random.Next(256);
        record.ClassOfService = (byte)random.Next(256);
        record.FragmentFlags = (byte)(random.Next(8) << 5);
        record.EndReason = (FlowEndReason)random.Next(1, 6);
        record.ObservationPoint = (byte)random.Next(2);
        return record;
    }

    private static ushort Vlan(Random random) =>
        random.Next(2) == 0 ? (ushort)0 : (ushort)(ParsedPacket.VlanPresent | random.Next(4096));
}
