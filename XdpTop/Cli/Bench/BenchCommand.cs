using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using XdpTop.Capture;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Native;

namespace XdpTop.Cli.Bench;

/// <summary>"xdptop bench": what this machine can meter.</summary>
internal sealed class BenchCommand
{
    private readonly Option<string> _flows = new("--flows")
    {
        HelpName = "N,N",
        Description = "numbers of flows for the engine (1000,100000,1000000,4000000)",
        DefaultValueFactory = _ => "1000,100000,1000000,4000000",
    };

    private readonly Option<long> _packets = new("--packets")
    {
        HelpName = "N",
        Description = "packets of a round; the best of three rounds counts (8000000)",
        DefaultValueFactory = _ => 8_000_000,
    };

    private readonly Option<string> _read = new("--read", "-r")
    {
        HelpName = "FILE",
        Description = "the engine on a capture file's frames, held in memory",
    };

    private readonly Option<bool> _flood = new("--flood") { Description = "the engine with a full flow cache, in a flood of new flows" };

    private readonly Option<bool> _live = new("--live") { Description = "the whole path instead, on a veth pair of its own; needs root" };

    private readonly Option<bool> _ipfix = new("--ipfix") { Description = "the exporter: records written and sent by UDP over loopback, by one thread" };

    private readonly Option<string> _template = new("--template")
    {
        HelpName = "NAMES",
        Description = "with --ipfix: the records' fields, as of xdptop itself (full)",
        DefaultValueFactory = _ => "full",
    };

    private readonly Option<double> _seconds = new("--seconds")
    {
        HelpName = "N",
        Description = "with --live and --ipfix: how long (10)",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<double> _rate = new("--rate")
    {
        HelpName = "PPS",
        Description = "with --live: packets per second, 0 for as many as go (0)",
    };

    private readonly Option<int> _queues = new("--queues")
    {
        HelpName = "N",
        Description = "with --live: queues that are fed and read, 1 or 2 (2)",
        DefaultValueFactory = _ => 2,
    };

    private readonly Option<string> _mode = new("--mode")
    {
        HelpName = "redirect|tap",
        Description = "with --live: how the packets are had (redirect)",
        DefaultValueFactory = _ => "redirect",
    };

    private readonly Option<bool> _json = new("--json") { Description = "one JSON object on a line for each measurement" };

    public Command Create()
    {
        Command command = new("bench", "measure what this machine can meter: the engine's nanoseconds for a packet, or the whole path")
        {
            _flows, _packets, _read, _flood, _live, _ipfix, _template, _seconds, _rate, _queues, _mode, _json,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        try
        {
            if (result.GetValue(_live))
                return RunLive(result);
            if (result.GetValue(_ipfix))
                return RunIpfix(result);
            if (result.GetValue(_read) is not { } file)
                return RunEngine(result);
            Print(EngineBenchmark.Run(file), file, result.GetValue(_json));
            return ExitCode.Fine;
        }
        catch (Exception e) when (e is NativeException or CaptureException)
        {
            ErrorOutput.Say(e.Message);
            return e is NativeException { IsUnsupported: true } ? ExitCode.Unsupported : ExitCode.Failed;
        }
    }

    private int RunLive(ParseResult result)
    {
        double seconds = result.GetValue(_seconds);
        double rate = result.GetValue(_rate);
        int queues = result.GetValue(_queues);
        string mode = result.GetRequiredValue(_mode);
        if (mode is not ("redirect" or "tap"))
            return Refuse("--mode takes redirect or tap");
        if (seconds is not (>= 0.1 and <= 86400) || rate is not (>= 0 and <= 1e8) || queues is not (1 or 2))
            return Refuse("--seconds takes 0.1 to 86400, --rate 0 to 100000000, --queues 1 or 2");
        Options options = new()
        {
            Demo = true, DemoRate = rate, DemoQueues = queues, Mode = mode == "tap" ? CaptureMode.Tap : CaptureMode.Redirect,
        };
        Print(LiveBenchmark.Run(options, seconds), result.GetValue(_json));
        return ExitCode.Fine;
    }

    private int RunIpfix(ParseResult result)
    {
        double seconds = result.GetValue(_seconds);
        if (seconds is not (>= 0.1 and <= 86400))
            return Refuse("--seconds takes 0.1 to 86400");
        if (!FieldSelection.TryParse(result.GetRequiredValue(_template), byteDistribution: false, out FieldSelection? fields, out string reason))
            return Refuse(reason);
        Print(IpfixBenchmark.Run(fields, seconds), result.GetValue(_json));
        return ExitCode.Fine;
    }

    private int RunEngine(ParseResult result)
    {
        List<int> flows = [];
        foreach (string text in result.GetRequiredValue(_flows).Split(','))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > FlowCacheOptions.MaximumCapacity)
                return Refuse($"'{text}' is no number of flows: give numbers from 1 to {FlowCacheOptions.MaximumCapacity}, as 1000,100000");
            flows.Add(number);
        }
        long packets = result.GetValue(_packets);
        if (packets < FlowCache.MaximumBatch)
            return Refuse($"'{packets}' is no number for --packets: give {FlowCache.MaximumBatch} or more");
        bool json = result.GetValue(_json);
        foreach (int number in flows)
        {
            if (result.GetValue(_flood))
                Print(EngineBenchmark.RunFlood(number, packets), json);
            else
                Print(EngineBenchmark.Run(number, packets), null, json);
        }
        return ExitCode.Fine;
    }

    private static int Refuse(string sentence)
    {
        ErrorOutput.Say(sentence);
        return ExitCode.Usage;
    }

    private static void Print(EngineResult result, string? file, bool json)
    {
        if (json)
        {
            string name = file is null ? "" : $"\"file\":\"{JsonEncodedText.Encode(file)}\",";
            Console.WriteLine(FormattableString.Invariant(
                $$"""{"bench":"{{(file is null ? "engine" : "read")}}",{{name}}"flows":{{result.Flows}},"packets":{{result.Packets}},"nsPerPacket":{{result.NanosecondsPerPacket:F1}},"producerNs":{{result.ProducerNanoseconds:F1}},"mpps":{{result.MillionPacketsPerSecond:F2}},"bytesPerFlow":{{result.OctetsPerFlow:F1}},"gap999Microseconds":{{result.Gap999.TotalMicroseconds:F0}},"longestGapMicroseconds":{{result.LongestGap.TotalMicroseconds:F0}},"longestNoiseMicroseconds":{{result.LongestNoise.TotalMicroseconds:F0}},"collections":{{result.Collections}}}"""));
            return;
        }
        Console.WriteLine(FormattableString.Invariant(
            $"{result.Flows,9} flows: {result.NanosecondsPerPacket,6:F1} ns/packet, {result.MillionPacketsPerSecond,6:F2} Mpps on one core, {result.OctetsPerFlow:F0} bytes a flow"));
        Console.WriteLine(FormattableString.Invariant(
            $"{"",9} gaps of the worker: 99.9 % up to {result.Gap999.TotalMilliseconds:F3} ms, the longest {result.LongestGap.TotalMilliseconds:F2} ms (an empty loop's: {result.LongestNoise.TotalMilliseconds:F2} ms); {result.Collections} collections; making the frames: {result.ProducerNanoseconds:F1} ns, subtracted"));
    }

    private static void Print(FloodResult result, bool json) => Console.WriteLine(FormattableString.Invariant(json
        ? (FormattableString)$$"""{"bench":"flood","capacity":{{result.Capacity}},"nsPerPacketBefore":{{result.NanosecondsPerPacketBefore:F1}},"nsPerPacket":{{result.NanosecondsPerPacket:F1}},"slowdown":{{result.Slowdown:F2}},"newFlows":{{result.NewFlows}},"evictions":{{result.Evictions}},"evictionsPerSecond":{{result.EvictionsPerSecond:F0}},"recordsDropped":{{result.RecordsDropped}},"heavyFlows":{{result.HeavyFlows}},"heavyFlowsKept":{{result.HeavyFlowsKept}}}"""
        : $"room for {result.Capacity} flows, {result.NewFlows} new ones: {result.NanosecondsPerPacket:F1} ns/packet, {result.Slowdown:F2} times the {result.NanosecondsPerPacketBefore:F1} without a flood; {result.Evictions} evicted, {result.EvictionsPerSecond:F0} a second ({result.RecordsDropped} faster than they could be taken); {result.HeavyFlowsKept} of {result.HeavyFlows} lasting flows kept"));

    private static void Print(IpfixResult result, bool json) => Console.WriteLine(FormattableString.Invariant(json
        ? (FormattableString)$$"""{"bench":"ipfix","records":{{result.Records}},"messages":{{result.Messages}},"recordsPerSecond":{{result.RecordsPerSecond:F0}},"bytesPerRecord":{{result.OctetsPerRecord:F1}},"allocatedPerRecord":{{result.AllocatedPerRecord:F3}},"encodingNsPerRecord":{{result.EncodingNanoseconds:F1}}}"""
        : $"{result.RecordsPerSecond:F0} records a second on one core, {result.OctetsPerRecord:F1} bytes each in {result.Messages} messages; {result.EncodingNanoseconds:F1} ns to write one, {result.AllocatedPerRecord:F3} bytes allocated"));

    private static void Print(LiveResult result, bool json) => Console.WriteLine(FormattableString.Invariant(json
        ? (FormattableString)$$"""{"bench":"live","mode":"{{result.Mode}}","queues":{{result.Queues}},"seconds":{{result.Seconds}},"offeredPackets":{{result.Offered}},"receivedPackets":{{result.Received}},"lostPackets":{{result.Lost}},"kernelDrops":{{result.KernelDrops}},"mpps":{{result.MillionPacketsPerSecond:F2}},"cpuNsPerPacket":{{result.CpuNanosecondsPerPacket:F1}}}"""
        : $"{result.Mode}, {result.Queues} workers, {result.Seconds} s: {result.Offered} packets offered, {result.Received} received, {result.Lost} lost ({result.KernelDrops} dropped by the kernel), {result.MillionPacketsPerSecond:F2} Mpps, {result.CpuNanosecondsPerPacket:F1} ns of the workers' processor time a packet"));
}
