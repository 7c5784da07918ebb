using System.CommandLine;
using System.Globalization;

namespace XdpTop.Cli.Bench;

/// <summary>"xdptop bench": what this machine can meter.</summary>
internal static class BenchCommand
{
    private const int MostFlows = Flows.FlowCacheOptions.MaximumCapacity;

    public static Command Create()
    {
        Option<string> flows = new("--flows") { HelpName = "N,N", Description = "numbers of flows (1000,100000,1000000,4000000)", DefaultValueFactory = _ => "1000,100000,1000000,4000000" };
        Option<long> packets = new("--packets") { HelpName = "N", Description = "packets of a round; the best of three rounds counts (8000000)", DefaultValueFactory = _ => 8_000_000 };
        Option<bool> json = new("--json") { Description = "one JSON object on a line for each measurement" };
        Command command = new("bench", "measure what this machine can meter: the engine's nanoseconds for a packet") { flows, packets, json };
        command.SetAction(result => Run(result.GetRequiredValue(flows), result.GetValue(packets), result.GetValue(json)));
        return command;
    }

    private static int Run(string flowsText, long packets, bool json)
    {
        List<int> flows = [];
        foreach (string text in flowsText.Split(','))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > MostFlows)
            {
                ErrorOutput.Say($"'{text}' is no number of flows: give numbers from 1 to {MostFlows}, as 1000,100000");
                return ExitCode.Usage;
            }
            flows.Add(number);
        }
        if (packets < Flows.FlowCache.MaximumBatch)
        {
            ErrorOutput.Say($"'{packets}' is no number for --packets: give {Flows.FlowCache.MaximumBatch} or more");
            return ExitCode.Usage;
        }
        foreach (int number in flows)
            Print(EngineBenchmark.Run(number, packets), json);
        return ExitCode.Fine;
    }

    private static void Print(EngineResult result, bool json) => Console.WriteLine(FormattableString.Invariant(json
        ? (FormattableString)$$"""{"bench":"engine","flows":{{result.Flows}},"nsPerPacket":{{result.NanosecondsPerPacket:F1}},"producerNs":{{result.ProducerNanoseconds:F1}},"mpps":{{result.MillionPacketsPerSecond:F2}},"bytesPerFlow":{{result.OctetsPerFlow:F1}},"longestGapMicroseconds":{{result.LongestGap.TotalMicroseconds:F0}}}"""
        : $"{result.Flows,9} flows: {result.NanosecondsPerPacket,6:F1} ns/packet, {result.MillionPacketsPerSecond,6:F2} Mpps on one core, {result.OctetsPerFlow:F0} bytes a flow, longest gap {result.LongestGap.TotalMilliseconds:F2} ms (making the frames: {result.ProducerNanoseconds:F1} ns, subtracted)"));
}
