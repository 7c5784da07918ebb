using XdpTop.Capture;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>An interface in tap mode: its programs at ingress and egress, and their rings.</summary>
internal sealed class TappedInterface : ObservedInterface
{
    private readonly TapProgram _program;
    private readonly PromiscuousMode? _promiscuous;

    /// <param name="isUsed">By the host: then it stays as it is, and takes its own packets only.</param>
    /// <exception cref="NativeException">No rights, no such kernel, or no memory.</exception>
    public TappedInterface(NetworkInterface target, Options options, bool isUsed)
        : base(target)
    {
        _promiscuous = isUsed ? null : new PromiscuousMode(target);
        try
        {
            _program = new TapProgram(target, WorkersFor(target.RxQueues, options), options.Xsk.RingSize ?? TapProgram.UsualPlaces, options.Attach);
        }
        catch
        {
            _promiscuous?.Dispose();
            throw;
        }
    }

    public override IReadOnlyList<IFrameSource> Sources => _program.Sources;

    protected override InterfaceStatus ModeStatus => new() { Name = Name, Mode = "tap", Attach = _program.Attachment };

    public override void ReadQueue(int worker, ref QueueStatus queue)
    {
        TapSource source = _program.Sources[worker];
        queue.RingFill = source.RingFill;
        queue.RingSize = source.RingSize;
    }

    public override XskStatistics ReadStatistics(int worker) => new() { RxRingFull = _program.Lost(worker) };

    /// <summary>The programs run from when they are attached.</summary>
    public override void Start()
    {
    }

    public override void Detach() => _program.Detach();

    public override void Dispose()
    {
        _promiscuous?.Dispose();
        _program.Dispose();
    }
}
