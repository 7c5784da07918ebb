using XdpTop.Capture;

namespace XdpTop.Tests.Privileged;

/// <summary>A veth pair of this process alone, and traffic of which each flow's packets and octets are known beforehand.</summary>
internal sealed class KnownTraffic : IDisposable
{
    public const int FlowsPerCore = 300;
    private const ulong PacketsPerCore = 30_050; // the first flows get one more than the others
    private const int FrameOctets = 110;
    private const double PacketsPerSecond = 50_000;

    private readonly VethPair _pair;
    private readonly int[] _cpus = [.. CpuAffinity.Allowed().Take(2)];
    private readonly TrafficGenerator _traffic;

    /// <param name="suffix">See <see cref="TestNetwork.Name"/>.</param>
    /// <param name="profile">Other traffic, of which less is known.</param>
    public KnownTraffic(string suffix, TrafficProfile? profile = null)
    {
        _pair = VethPair.Create(TestNetwork.Name(suffix + "r"), TestNetwork.Name(suffix + "s"), _cpus.Length);
        _traffic = new TrafficGenerator(Links.IndexOf(_pair.Peer), _cpus, profile ?? TrafficProfile.Known(FlowsPerCore, FrameOctets));
    }

    /// <summary>The end to be metered.</summary>
    public string Interface => _pair.Name;

    public string Sender => _pair.Peer;

    /// <summary>Packets sent so far.</summary>
    public ulong Offered => _traffic.Offered;

    public int Flows => FlowsPerCore * _cpus.Length;

    /// <summary>Of each flow, by the key of <see cref="FlowSum"/>: what one <see cref="Send"/> of all packets sends.</summary>
    public SortedDictionary<string, FlowSum> Expected
    {
        get
        {
            SortedDictionary<string, FlowSum> expected = new(StringComparer.Ordinal);
            foreach (int cpu in _cpus)
            {
                for (int flow = 0; flow < FlowsPerCore; flow++)
                {
                    ulong packets = (ulong)((int)PacketsPerCore / FlowsPerCore + (flow < (int)PacketsPerCore % FlowsPerCore ? 1 : 0));
                    expected.Add(
                        $"10.0.{flow >> 8}.{flow & 255} {1024 + flow} 192.168.255.{cpu} 9 17",
                        new FlowSum(1, packets, packets * (FrameOctets - 14)));
                }
            }
            return expected;
        }
    }

    /// <summary>Returns when the last packet is out.</summary>
    /// <param name="packets">How many each core sends.</param>
    public void Send(ulong packets = PacketsPerCore)
    {
        _traffic.Start(PacketsPerSecond, packets);
        _traffic.Wait();
    }

    public void Dispose()
    {
        _traffic.Dispose();
        _pair.Dispose();
    }
}

/// <summary>Records of one flow taken together. Flows are called "source port destination port protocol".</summary>
internal sealed record FlowSum(int Records, ulong Packets, ulong Octets)
{
    public static void Add(IDictionary<string, FlowSum> sums, string key, ulong packets, ulong octets)
    {
        FlowSum before = sums.TryGetValue(key, out FlowSum? sum) ? sum : new FlowSum(0, 0, 0);
        sums[key] = new FlowSum(before.Records + 1, before.Packets + packets, before.Octets + octets);
    }
}
