using XdpTop.Capture;
using XdpTop.Metering;

namespace XdpTop.Cli;

/// <summary>An interface's workers for all of a run, each with the slot that its frame source is in. The watching thread's.</summary>
/// <param name="sources">Those to begin with.</param>
internal sealed class WorkerSlots(IReadOnlyList<IFrameSource> sources)
{
    /// <summary>One for each worker, whose they become.</summary>
    public IReadOnlyList<SourceSlot> Sources { get; } = [.. sources.Select(source => new SourceSlot(source))];

    /// <summary>Those that read <see cref="Sources"/>, in the same order.</summary>
    public List<MeteringWorker> Workers { get; } = [];

    /// <summary>Has the workers go over to other sources, and waits until all have read their old ones empty.</summary>
    public void Put(IReadOnlyList<IFrameSource> sources)
    {
        for (int i = 0; i < Sources.Count; i++)
            Sources[i].Offer(i < sources.Count ? sources[i] : NoSource.Instance);
        for (int i = 0; i < Sources.Count; i++)
        {
            while (!Sources[i].IsTaken)
            {
                if (Workers[i].IsFinished)
                    Sources[i].TakeNext();
                else
                    Thread.Sleep(1);
            }
        }
    }
}
