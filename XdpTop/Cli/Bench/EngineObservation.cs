using XdpTop.Capture;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Cli.Bench;

/// <summary>One worker on made-up frames, with a flow cache that just holds all flows.</summary>
internal sealed class EngineObservation : Observation
{
    // Found once, since other threads are kept off it then.
    private static readonly int s_cpu = CpuAffinity.Allowed()[^1];

    private readonly InterfaceStatus[] _interfaces = [new() { Name = "bench", Mode = "memory", Queues = 1 }];

    public EngineObservation(IFrameSource source, int flows) : base(new Options())
    {
        FlowCacheOptions options = new() { Capacity = flows, ActiveTimeout = TimeSpan.MaxValue, Populate = true };
        Metering.Add(source, options, observationPoint: 0, s_cpu, holdFlows: true);
    }

    public override IReadOnlyList<ObservationPoint> ObservationPoints => [new ObservationPoint("bench", 0)];

    public override long Now => CaptureClock.Now;

    public override InterfaceStatus[] ReadInterfaces() => _interfaces;
}
