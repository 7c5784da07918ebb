using System.Diagnostics;
using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// An output that can stall, as a pipe does that nobody reads: a thread of its own writes it, so that it holds up nothing but
/// itself. Records wait for that thread, as many as there is room for; the oldest go first, and are counted.
/// </summary>
internal sealed class QueuedOutput : GuardedOutput
{
    /// <summary>Few, so that a reader who is slow is soon seen to read.</summary>
    private const int BatchSize = 64;

    /// <summary>A reader who has taken nothing for so long does not read.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly IRecordOutput _output;
    private readonly Thread _thread;

    // Of the two threads, under this lock.
    private readonly object _lock = new();
    private readonly RecordBuffer _waiting;
    private Tally _missed; // lost, and the output was not told yet
    private long _progressAt = Stopwatch.GetTimestamp();
    private bool _isEnding;

    // The writing thread's own.
    private readonly FlowRecord[] _batch = new FlowRecord[BatchSize];
    private readonly ByteDistribution[] _distributions = []; // those of the batch; none where they are not counted

    public QueuedOutput(IRecordOutput output, ExportOptions options) : base(output)
    {
        _output = output;
        _waiting = new RecordBuffer(options.WaitingCapacity);
        if (options.Records == RecordKind.WithByteDistribution)
            _distributions = new ByteDistribution[BatchSize];
        _thread = new Thread(Run) { Name = "output", IsBackground = true };
        _thread.Start();
    }

    public override bool IsFull(int flowRecords, bool isPatient)
    {
        lock (_lock)
            return _waiting.Room < flowRecords && (isPatient || Stopwatch.GetElapsedTime(_progressAt) < s_patience);
    }

    public override void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
    {
        Tally lost = default;
        lock (_lock)
        {
            for (int i = 0, length; i < records.Length; i += length)
            {
                length = records[i].HasReverse ? 2 : 1;
                lost += _waiting.Add(records.Slice(i, length), ByteDistribution.At(distributions, i));
            }
            _missed += lost;
            Monitor.Pulse(_lock);
        }
        if (lost.Records > 0)
            CountNotWritten(in lost);
    }

    /// <summary>Nothing: what is no file has nothing due but records.</summary>
    public override void Tend()
    {
    }

    /// <summary>Waits until all is written, or the output has given up.</summary>
    public override void Dispose()
    {
        lock (_lock)
        {
            _isEnding = true;
            Monitor.Pulse(_lock);
        }
        _thread.Join();
        base.Dispose();
    }

    private void Run()
    {
        while (Take(out Tally missed) is > 0 and var count)
        {
            if (missed.Records > 0)
                _output.Miss(in missed);
            base.Write(_batch.AsSpan(0, count), _distributions);
        }
    }

    /// <summary>The next records for the batch; gives how many: none at the end.</summary>
    private int Take(out Tally missed)
    {
        lock (_lock)
        {
            _progressAt = Stopwatch.GetTimestamp();
            while (_waiting.Count == 0 && !_isEnding)
                Monitor.Wait(_lock);
            missed = _missed;
            _missed = default;
            return _waiting.Take(_batch, _distributions);
        }
    }
}
