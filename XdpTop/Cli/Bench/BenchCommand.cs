using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using XdpTop.Capture;
using XdpTop.Flows;
using XdpTop.Ipfix;
using XdpTop.Native;
using XdpTop.Ui;

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

    private readonly Option<bool> _screen = new("--screen") { Description = "the screen, on a pseudo-terminal, beside a worker that is busy" };

    private readonly Option<string> _size = new("--size")
    {
        HelpName = "COLUMNSxROWS",
        Description = "with --screen: of the terminal (200x60)",
        DefaultValueFactory = _ => "200x60",
    };

    private readonly Option<string> _keys = new("--keys")
    {
        HelpName = "KEYS",
        Description = "with --screen: keys to press first, as 2 for hosts",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _template = new("--template")
    {
        HelpName = "NAMES",
        Description = "with --ipfix: the records' fields, as of xdptop itself (full)",
        DefaultValueFactory = _ => "full",
    };

    private readonly Option<double> _seconds = new("--seconds")
    {
        HelpName = "N",
        Description = "with --live, --ipfix and --screen: how long (10)",
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
            _flows, _packets, _read, _flood, _live, _ipfix, _screen, _size, _keys, _template, _seconds, _rate, _queues, _mode, _json,
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
            if (result.GetValue(_screen))
                return RunScreen(result);
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

    private int RunScreen(ParseResult result)
    {
        double seconds = result.GetValue(_seconds);
        if (seconds is not (>= 0.1 and <= 86400))
            return Refuse("--seconds takes 0.1 to 86400");
        int[] size = [.. result.GetRequiredValue(_size).Split('x').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0)];
        if (size is not [>= Screen.MinimumWidth and <= 1000, >= Screen.MinimumHeight and <= 1000])
            return Refuse($"--size takes columns and rows, {Screen.MinimumWidth}x{Screen.MinimumHeight} at least and 1000x1000 at most");
        if (!TryReadFlows(result, out List<int> flows))
            return ExitCode.Usage;
        foreach (int number in result.GetResult(_flows) is { Implicit: false } ? flows : [1_000_000])
            Print(ScreenBenchmark.Run(number, size[0], size[1], seconds, result.GetRequiredValue(_keys)), result.GetValue(_json));
        return ExitCode.Fine;
    }

    private int RunEngine(ParseResult result)
    {
        if (!TryReadFlows(result, out List<int> flows))
            return ExitCode.Usage;
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

    /// <summary>The numbers of flows that are asked for. False if they are none, which has been said.</summary>
    private bool TryReadFlows(ParseResult result, out List<int> flows)
    {
        flows = [];
        foreach (string text in result.GetRequiredValue(_flows).Split(','))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > FlowCacheOptions.MaximumCapacity)
            {
                Refuse($"'{text}' is no number of flows: give numbers from 1 to {FlowCacheOptions.MaximumCapacity}, as 1000,100000");
                return false;
            }
            flows.Add(number);
        }
        return true;
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

    // Standard output has been a terminal meanwhile: the console would still write to that.
    private static void Print(ScreenResult result, bool json)
    {
        string text = FormattableString.Invariant(json
            ? (FormattableString)$$"""{"bench":"screen","flows":{{result.Flows}},"columns":{{result.Columns}},"rows":{{result.Rows}},"refreshes":{{result.Refreshes}},"seconds":{{result.Duration.TotalSeconds:F1}},"cpuPercent":{{result.SnapshotCpu + result.ScreenCpu:F1}},"snapshotCpuPercent":{{result.SnapshotCpu:F1}},"allocatedPerRefresh":{{result.AllocatedPerRefresh:F0}},"writtenPerRefresh":{{result.WrittenPerRefresh:F0}},"firstFrameMilliseconds":{{result.FirstFrame.TotalMilliseconds:F1}},"keyMedianMilliseconds":{{result.KeyMedian.TotalMilliseconds:F1}},"keyLongestMilliseconds":{{result.KeyLongest.TotalMilliseconds:F1}},"collections":{{result.Collections}},"longestGapMicroseconds":{{result.LongestGap.TotalMicroseconds:F0}}}"""
            : $"""
               {result.Flows,9} flows on {result.Columns}x{result.Rows}, {result.Refreshes} refreshes in {result.Duration.TotalSeconds:F1} s: {result.SnapshotCpu + result.ScreenCpu:F1} % of a core, of it {result.SnapshotCpu:F1} % for snapshots
               {"",9} each allocated {result.AllocatedPerRefresh / 1024:F0} KiB and wrote {result.WrittenPerRefresh / 1024:F1} KiB; {result.Collections} collections; longest gap of the worker {result.LongestGap.TotalMilliseconds:F2} ms
               {"",9} first frame after {result.FirstFrame.TotalMilliseconds:F1} ms; keys were answered after {result.KeyMedian.TotalMilliseconds:F1} ms (median) to {result.KeyLongest.TotalMilliseconds:F1} ms
               """);
        using StandardOutput output = new();
        output.Write(Encoding.UTF8.GetBytes(text + "\n"));
    }

    private static void Print(LiveResult result, bool json) => Console.WriteLine(FormattableString.Invariant(json
        ? (FormattableString)$$"""{"bench":"live","mode":"{{result.Mode}}","queues":{{result.Queues}},"seconds":{{result.Seconds}},"offeredPackets":{{result.Offered}},"receivedPackets":{{result.Received}},"lostPackets":{{result.Lost}},"kernelDrops":{{result.KernelDrops}},"mpps":{{result.MillionPacketsPerSecond:F2}},"cpuNsPerPacket":{{result.CpuNanosecondsPerPacket:F1}}}"""
        : $"{result.Mode}, {result.Queues} workers, {result.Seconds} s: {result.Offered} packets offered, {result.Received} received, {result.Lost} lost ({result.KernelDrops} dropped by the kernel), {result.MillionPacketsPerSecond:F2} Mpps, {result.CpuNanosecondsPerPacket:F1} ns of the workers' processor time a packet"));
}
