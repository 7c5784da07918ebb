using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Packets;

namespace XdpTop.Cli.Bench;

/// <summary>
/// One thread that writes Flow Records into messages and sends these by UDP over loopback, to a socket that nobody reads:
/// each costs what the kernel takes to deliver it.
/// </summary>
internal static class IpfixBenchmark
{
    private const int DifferentRecords = 4096;
    private const int RecordsPerLook = 1024;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(0.3);

    public static IpfixResult Run(FieldSelection fields, double seconds)
    {
        using Socket collector = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        collector.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string url = $"udp://127.0.0.1:{((IPEndPoint)collector.LocalEndPoint!).Port}";
        if (!CollectorAddress.TryParse(url, out CollectorAddress? address, out string reason))
            throw new UnreachableException(reason);
        using ITransport transport = UdpTransport.ConnectAsync(address, CancellationToken.None).GetAwaiter().GetResult();
        FlowRecord[] records = MakeRecords();
        TimeSpan duration = TimeSpan.FromSeconds(seconds);
        Sender sender = new(fields, records, transport.MaximumMessageLength);
        sender.Run(s_warmUp, transport);
        Round sent = sender.Run(duration, transport);
        Round encoded = sender.Run(duration / 4, transport: null);
        return new IpfixResult(
            sent.Records, sent.Messages, sent.Records / sent.Elapsed.TotalSeconds, (double)sent.Octets / sent.Records,
            (double)sent.Allocated / sent.Records, encoded.Elapsed.TotalNanoseconds / encoded.Records);
    }

    /// <summary>Flows of a mix as links have it: most TCP, one in eight IPv6, in the order in which they happen to end.</summary>
    private static FlowRecord[] MakeRecords()
    {
        Random random = new(1);
        FlowRecord[] records = new FlowRecord[DifferentRecords];
        foreach (ref FlowRecord record in records.AsSpan())
        {
            byte[] bytes = new byte[32];
            random.NextBytes(bytes);
            record.Key.IpVersion = (byte)(random.Next(8) == 0 ? 6 : 4);
            int length = record.Key.IpVersion == 4 ? IpAddress.IPv4Length : IpAddress.Length;
            record.Key.Source = IpAddress.FromBytes(bytes.AsSpan(0, length));
            record.Key.Destination = IpAddress.FromBytes(bytes.AsSpan(IpAddress.Length, length));
            record.Key.SourcePort = (ushort)random.Next(1 << 16);
            record.Key.DestinationPort = 443;
            record.Key.Protocol = random.Next(3) == 0 ? (byte)17 : (byte)6;
            record.Start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000 + random.Next();
            record.End = record.Start + random.NextInt64(60_000_000_000);
            record.Packets = (ulong)random.Next(1, 1000);
            record.Octets = record.Packets * 800;
            record.EndReason = FlowEndReason.IdleTimeout;
        }
        return records;
    }

    private readonly record struct Round(long Records, long Messages, long Octets, long Allocated, TimeSpan Elapsed);

    private sealed class Sender
    {
        private readonly FlowRecord[] _records;
        private readonly MessageWriter _writer;

        public Sender(FieldSelection fields, FlowRecord[] records, int messageLength)
        {
            _records = records;
            _writer = new MessageWriter(new byte[ushort.MaxValue], observationDomainId: 1, new FlowTemplates(fields, RecordKind.Plain))
            {
                MaximumLength = messageLength,
            };
        }

        /// <param name="transport">Null to write messages only.</param>
        public Round Run(TimeSpan duration, ITransport? transport)
        {
            long records = 0;
            long messages = 0;
            long octets = 0;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            do
            {
                for (int i = 0; i < RecordsPerLook; i++)
                {
                    ref readonly FlowRecord record = ref _records[records++ % DifferentRecords];
                    if (_writer.TryAddRecord(in record, interfaceIndex: 1))
                        continue;
                    ReadOnlySpan<byte> message = _writer.Complete(DateTimeOffset.UtcNow);
                    transport?.Send(message);
                    messages++;
                    octets += message.Length;
                    _writer.Next();
                    _writer.TryAddRecord(in record, interfaceIndex: 1);
                }
            }
            while (Stopwatch.GetElapsedTime(start) < duration);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            return new Round(records, messages, octets, GC.GetAllocatedBytesForCurrentThread() - allocated, elapsed);
        }
    }
}
