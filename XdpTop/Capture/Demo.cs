using XdpTop.Native;

namespace XdpTop.Capture;

/// <summary>
/// The demo's own network: a veth pair, and made-up traffic that arrives at one end of it.
/// </summary>
internal sealed class Demo : IDisposable
{
    /// <summary>The end to be metered.</summary>
    public const string Interface = "xdptop-demo0";

    /// <summary>The end that sends.</summary>
    public const string Sender = "xdptop-demo1";

    /// <summary>Of a queue: enough for what the demo sends.</summary>
    public const int Frames = 32768;

    private readonly VethPair _pair;
    private readonly TrafficGenerator _traffic;

    /// <summary>Makes the veth pair; one that a killed run has left is removed first.</summary>
    /// <exception cref="NativeException">No rights, or another demo is running.</exception>
    /// <param name="profile">The traffic; null: <see cref="TrafficProfile.Mix"/>.</param>
    /// <param name="queues">RX queues, each fed by a core of its own; no more than there are cores.</param>
    public Demo(int queues, TrafficProfile? profile = null)
    {
        int[] cpus = [.. CpuAffinity.Allowed().Take(queues)];
        Queues = cpus.Length;
        // A tap has no XDP program at the one end, but the traffic has one at the other.
        if (Array.Exists([Interface, Sender], end => Links.IndexOf(end) is > 0 and var former && XdpProgram.IsAttachedTo(former)))
            throw new NativeException($"a demo is running already, on {Interface}: end it first");
        _pair = VethPair.Create(Interface, Sender, Queues);
        try
        {
            NetworkInterface.Find(Interface).EnableGro();
            _traffic = new TrafficGenerator(Links.IndexOf(Sender), cpus, profile ?? TrafficProfile.Mix);
        }
        catch
        {
            _pair.Dispose();
            throw;
        }
    }

    /// <summary>RX queues of the interface; each gets its own share of the traffic.</summary>
    public int Queues { get; }

    /// <summary>Packets sent so far. Any thread may ask.</summary>
    public ulong Offered => _traffic.Offered;

    /// <summary>Why the traffic ended by itself; null while it goes on.</summary>
    public Exception? Failure => _traffic.Failure;

    /// <summary>Lets the traffic begin.</summary>
    /// <param name="packetsPerSecond">0: as fast as this machine can.</param>
    public void Start(double packetsPerSecond) => _traffic.Start(packetsPerSecond);

    /// <summary>Ends the traffic; the interface stays.</summary>
    public void Stop() => _traffic.Stop();

    public void Dispose()
    {
        _traffic.Dispose();
        _pair.Dispose();
    }
}
