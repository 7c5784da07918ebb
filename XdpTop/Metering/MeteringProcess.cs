using XdpTop.Capture;
using XdpTop.Flows;

namespace XdpTop.Metering;

/// <summary>
/// The Metering Process (RFC 7011 section 2): all workers, one for each frame source, each with a flow cache and a
/// queue of ended Flow Records of its own.
/// </summary>
internal sealed class MeteringProcess : IDisposable
{
    /// <summary>Ended records of one worker that can wait for their reader.</summary>
    private const int EndedRecords = 1 << 16;

    /// <summary>Likewise where each takes 1 KiB more for its byte distribution.</summary>
    private const int EndedRecordsWithByteDistribution = 1 << 14;

    private readonly List<MeteringWorker> _workers = [];
    private readonly List<FlowRecordQueue> _endedRecords = [];
    private readonly List<FlowCache> _populating = [];
    private readonly uint _seed = BitConverter.ToUInt32(HashSeed.Make(sizeof(uint)));

    private Thread? _populator;

    /// <summary>Which packets all workers meter. To be set before <see cref="Add"/>.</summary>
    public PacketSampling Sampling { get; set; } = PacketSampling.Off;

    public IReadOnlyList<MeteringWorker> Workers => _workers;

    /// <summary>For each worker, the queue that its ended Flow Records go into. Whoever reads it is its one consumer.</summary>
    public IReadOnlyList<FlowRecordQueue> EndedFlowRecords => _endedRecords;

    /// <summary>All sources have ended, or workers have failed.</summary>
    public bool IsFinished => _workers.TrueForAll(worker => worker.IsFinished);

    /// <summary>Before <see cref="Start"/>: a worker for a source, which becomes its own.</summary>
    /// <param name="observationPoint">Index of the interface, stamped on the records.</param>
    /// <param name="cpu">The worker's core, or −1 for any.</param>
    /// <param name="holdFlows">See <see cref="MeteringWorker"/>.</param>
    /// <param name="options">Its seed and Observation Point are set here.</param>
    public MeteringWorker Add(IFrameSource source, FlowCacheOptions options, byte observationPoint, int cpu, bool holdFlows)
    {
        bool byteDistribution = options.ByteDistribution;
        FlowRecordQueue ended = new(byteDistribution ? EndedRecordsWithByteDistribution : EndedRecords, byteDistribution);
        _endedRecords.Add(ended);
        FlowCache cache = new(options with { Seed = _seed, ObservationPoint = observationPoint }, ended);
        if (options.Populate)
            _populating.Add(cache);
        MeteringWorker worker = new(source, cache, _seed, cpu, holdFlows, Sampling);
        _workers.Add(worker);
        return worker;
    }

    public void Start()
    {
        _workers.ForEach(worker => worker.Start());
        if (_populating.Count == 0)
            return;
        _populator = new Thread(() =>
        {
            CpuPriority.BeLast(); // the first picture, and a core that a worker shares, come before
            _populating.ForEach(cache => cache.Populate());
        })
        { IsBackground = true, Name = "populate" };
        _populator.Start();
    }

    /// <summary>Ends all flows and all workers. Their records are then in the queues, if these were read meanwhile.</summary>
    public void Stop()
    {
        _workers.ForEach(worker => worker.Stop());
        _workers.ForEach(worker => worker.Join());
    }

    /// <summary>After <see cref="Stop"/>, and after the last reader of flow caches and queues.</summary>
    public void Dispose()
    {
        _populator?.Join();
        _workers.ForEach(worker => worker.Dispose());
        _endedRecords.ForEach(queue => queue.Dispose());
    }
}
