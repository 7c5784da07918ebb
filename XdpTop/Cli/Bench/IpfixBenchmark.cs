using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Packets;

namespace XdpTop.Cli.Bench;

/// <summary>
/// One thread that has Flow Records wait, writes them into messages and sends these by UDP over loopback, as the Exporting
/// Process does, but without its pauses. Nobody reads the socket: each costs what the kernel takes to deliver it.
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
        ITransport transport = UdpTransport.ConnectAsync(address, CancellationToken.None).GetAwaiter().GetResult();
        FlowRecord[] records = MakeRecords();
        TimeSpan duration = TimeSpan.FromSeconds(seconds);
        using Sender sender = new(fields, records, address, transport);
        using Sender encoder = new(fields, records, address, transport: null);
        sender.Run(s_warmUp);
        encoder.Run(s_warmUp);
        Round sent = sender.Run(duration);
        Round encoded = encoder.Run(duration / 4);
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

    /// <summary>A collector's session as the Exporting Process has it, but without pauses.</summary>
    private sealed class Sender : IDisposable
    {
        private readonly FlowRecord[] _records;
        private readonly RecordBuffer _waiting = new(2 * RecordsPerLook);
        private readonly CountingTransport _transport;
        private readonly CollectorSession _session;

        public Sender(FieldSelection fields, FlowRecord[] records, CollectorAddress collector, ITransport? transport)
        {
            _records = records;
            _transport = new CountingTransport(transport);
            ExportOptions options = new() { Fields = fields, MessagesPerBurst = RecordsPerLook, TemplateMessages = int.MaxValue };
            _session = new CollectorSession(
                collector, options, [new("lo", 1)], (_, _) => Task.FromResult<ITransport>(_transport), TimeProvider.System, new ExportCounters());
        }

        public Round Run(TimeSpan duration)
        {
            long records = 0;
            long messages = _transport.Messages;
            long octets = _transport.Octets;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            do
            {
                for (int i = 0; i < RecordsPerLook; i++)
                    _waiting.Add(_records.AsSpan((int)(records++ % DifferentRecords), 1));
                while (_waiting.Count > 0)
                    _session.Pump(_waiting, flush: false);
            }
            while (Stopwatch.GetElapsedTime(start) < duration);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            return new Round(records, _transport.Messages - messages, _transport.Octets - octets, allocated, elapsed);
        }

        public void Dispose() => _session.Dispose();
    }

    /// <summary>Counts messages on their way to another transport, or to none.</summary>
    private sealed class CountingTransport(ITransport? next) : ITransport
    {
        public long Messages { get; private set; }

        public long Octets { get; private set; }

        public string Peer => next?.Peer ?? "";

        public bool IsReliable => false;

        public int MaximumMessageLength => next?.MaximumMessageLength ?? 1420;

        public ulong Delivered => next?.Delivered ?? (ulong)Messages;

        public string Failure => "";

        public SocketError Send(ReadOnlySpan<byte> message)
        {
            SocketError error = next?.Send(message) ?? SocketError.Success;
            if (error != SocketError.Success)
                return error;
            Messages++;
            Octets += message.Length;
            return SocketError.Success;
        }

        public SocketError Flush() => next?.Flush() ?? SocketError.Success;

        public SocketError TakeError() => next?.TakeError() ?? SocketError.Success;

        public void Dispose() => next?.Dispose();
    }
}
