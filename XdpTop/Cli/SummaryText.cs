using System.Buffers;
using System.Globalization;
using System.Text.Json;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Cli;

/// <summary>The totals of a run, for machines and for people.</summary>
internal static class SummaryText
{
    /// <summary>One JSON object with its line end: "type":"summary", or "interval" with the rates since the one before.</summary>
    /// <param name="offered">What the demo has sent, if it is the demo.</param>
    /// <param name="collectors">What each was sent; null or empty where nothing is exported.</param>
    /// <param name="biflows">Ended records that went out alone and in pairs, if they were paired.</param>
    public static void WriteJson(
        IBufferWriter<byte> output, string type, in ObservationPointCounters totals, InterfaceStatus[] interfaces, TrafficSnapshot? interval = null,
        ulong? offered = null, (ulong Uniflows, ulong Biflows)? biflows = null, IReadOnlyList<CollectorStatus>? collectors = null)
    {
        using (Utf8JsonWriter json = new(output))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            if (interval is not null)
            {
                json.WriteString("time"u8, DateTime.UnixEpoch.AddTicks(interval.Time / TimeSpan.NanosecondsPerTick));
                json.WriteNumber("packetsPerSecond"u8, Math.Round(interval.PacketsPerSecond, 3));
                json.WriteNumber("bitsPerSecond"u8, Math.Round(interval.BitsPerSecond, 3));
                json.WriteNumber("liveFlows"u8, interval.LiveFlows);
                json.WriteNumber("lackOfResourcesPerSecond"u8, Math.Round(interval.EvictionsPerSecond, 3));
            }
            if (offered is { } packets)
                json.WriteNumber("offeredPackets"u8, packets);
            json.WriteNumber("receivedPackets"u8, totals.ReceivedPackets);
            json.WriteNumber("receivedOctets"u8, totals.ReceivedOctets);
            json.WriteNumber("meteredPackets"u8, totals.MeteredPackets);
            json.WriteStartObject("ignored"u8);
            json.WriteNumber("notIp"u8, totals.NotIp);
            json.WriteNumber("malformed"u8, totals.Malformed);
            json.WriteNumber("truncated"u8, totals.Truncated);
            json.WriteNumber("filtered"u8, totals.Filtered);
            if (totals.SamplingInterval > 1)
                json.WriteNumber("sampledOut"u8, totals.SampledOut);
            json.WriteEndObject();
            if (totals.SamplingInterval > 1)
                json.WriteNumber("samplingInterval"u8, totals.SamplingInterval);
            json.WriteNumber("unresolvedFragments"u8, totals.UnresolvedFragments);
            json.WriteNumber("flows"u8, totals.Flows);
            if (biflows is { } paired)
            {
                json.WriteNumber("uniflows"u8, paired.Uniflows);
                json.WriteNumber("biflows"u8, paired.Biflows);
            }
            json.WriteNumber("lackOfResources"u8, totals.LackOfResources);
            WriteDrops(json, in totals);
            json.WriteNumber("recordsDropped"u8, totals.RecordsDropped);
            json.WriteStartArray("interfaces"u8);
            foreach (InterfaceStatus status in interfaces)
                WriteJson(json, status);
            json.WriteEndArray();
            WriteJson(json, collectors ?? []);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>One line, without its end: what a collector got.</summary>
    public static string Sent(CollectorStatus collector) => string.Create(CultureInfo.InvariantCulture,
        $"{collector.Sent.Records} flow records ({collector.Sent.Packets} packets, {collector.Sent.Octets} octets) sent to {collector.Url}");

    /// <summary>One line, without its end: what a collector did not get.</summary>
    public static string NotSent(CollectorStatus collector) => string.Create(CultureInfo.InvariantCulture,
        $"{collector.NotSent.Records} flow records ({collector.NotSent.Packets} packets, {collector.NotSent.Octets} octets) did not reach the collector {collector.Url}");

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<CollectorStatus> collectors)
    {
        if (collectors.Count == 0)
            return;
        json.WriteStartArray("collectors"u8);
        foreach (CollectorStatus collector in collectors)
        {
            json.WriteStartObject();
            json.WriteString("url"u8, collector.Url);
            WriteJson(json, "sent", collector.Sent);
            WriteJson(json, "notSent", collector.NotSent);
            json.WriteNumber("messageOctets"u8, collector.MessageOctets);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteJson(Utf8JsonWriter json, string name, Tally tally)
    {
        json.WriteStartObject(name);
        json.WriteNumber("flowRecords"u8, tally.Records);
        json.WriteNumber("packets"u8, tally.Packets);
        json.WriteNumber("octets"u8, tally.Octets);
        json.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter json, InterfaceStatus status)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, status.Name);
        json.WriteString("mode"u8, status.Mode);
        WriteUnlessEmpty("attach", status.Attach);
        WriteUnlessEmpty("bind", status.Bind);
        if (status.MultiBuffer)
            json.WriteBoolean("multiBuffer"u8, true);
        WriteUnlessEmpty("wait", status.Wait);
        WriteUnlessEmpty("fallBack", status.FallBack);
        WriteUnlessEmpty("notice", status.Notice);
        if (status.HasCounters)
        {
            ObservationPointCounters counters = status.Counters;
            json.WriteNumber("receivedPackets"u8, counters.ReceivedPackets);
            json.WriteNumber("meteredPackets"u8, counters.MeteredPackets);
            json.WriteNumber("interfacePackets"u8, counters.InterfacePackets);
            if (counters.Coverage is { } coverage)
                json.WriteNumber("coverage"u8, Math.Round(coverage, 6));
            else
                json.WriteNull("coverage"u8);
            WriteDrops(json, in counters);
            json.WriteStartObject("interfaceDrops"u8);
            foreach ((string name, ulong count) in status.InterfaceDrops)
                json.WriteNumber(name, count);
            json.WriteEndObject();
        }
        if (status.Warnings.Count > 0)
        {
            json.WriteStartArray("warnings"u8);
            foreach (InterfaceWarning warning in status.Warnings)
                json.WriteStringValue(warning.Sentence);
            json.WriteEndArray();
        }
        json.WriteEndObject();

        void WriteUnlessEmpty(string name, string value)
        {
            if (value.Length > 0)
                json.WriteString(name, value);
        }
    }

    /// <summary>All causes for which packets were not received, by the names that the screen has, too.</summary>
    private static void WriteDrops(Utf8JsonWriter json, in ObservationPointCounters counters)
    {
        json.WriteNumber("kernelDrops"u8, counters.KernelDrops);
        json.WriteNumber("ringFull"u8, counters.RingFullDrops);
        json.WriteNumber("otherDrops"u8, counters.OtherDrops);
        json.WriteNumber("redirectFailed"u8, counters.RedirectFailures);
        json.WriteNumber("missed"u8, counters.InterfaceMissed);
        json.WriteNumber("leftToHost"u8, counters.LeftToHost);
    }

    /// <summary>One line, without its end.</summary>
    public static string ForPeople(in ObservationPointCounters totals, ulong? offered, (ulong Uniflows, ulong Biflows)? biflows = null) => string.Create(CultureInfo.InvariantCulture,
        $"{(offered is null ? "" : $"{offered} packets offered, ")}{totals.ReceivedPackets} packets received ({totals.ReceivedOctets} octets), {totals.MeteredPackets} metered{(totals.SamplingInterval > 1 ? $" (sampled 1:{totals.SamplingInterval}, {totals.SampledOut} passed over)" : "")}; "
        + $"ignored: {totals.NotIp} not IP, {totals.Malformed} malformed, {totals.Truncated} truncated{(totals.Filtered > 0 ? $", {totals.Filtered} filtered" : "")}; "
        + $"{totals.Flows} flow records{(biflows is { } paired ? $" ({paired.Biflows} biflows, {paired.Uniflows} uniflows)" : "")}; {totals.KernelDrops} packets dropped by the kernel");

    /// <summary>What became of an interface's packets, on one line without its end.</summary>
    public static string ForPeople(InterfaceStatus status)
    {
        ObservationPointCounters counters = status.Counters;
        Span<char> share = stackalloc char[NumberText.MaximumLength];
        string coverage = counters.Coverage is null ? "cannot be told" : share[..NumberText.WriteShare(counters.Coverage, share)].ToString();
        IEnumerable<(string Name, ulong Count)> causes =
        [
            ("missed", counters.InterfaceMissed), ("ring full", counters.RingFullDrops), ("other drops", counters.OtherDrops),
            ("redirect failed", counters.RedirectFailures), ("left to host", counters.LeftToHost), .. status.InterfaceDrops,
        ];
        string losses = string.Concat(causes.Where(cause => cause.Count > 0).Select(cause => $", {cause.Name} {cause.Count}"));
        return $"{status.Name}: coverage {coverage}: {counters.ReceivedPackets} received, {counters.InterfacePackets} counted by the interface{losses}";
    }
}
