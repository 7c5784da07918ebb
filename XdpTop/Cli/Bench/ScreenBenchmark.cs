using System.Diagnostics;
using XdpTop.Capture;
using XdpTop.Export;
using XdpTop.Metering;
using XdpTop.Monitoring;
using XdpTop.Native;
using XdpTop.Ui;

namespace XdpTop.Cli.Bench;

/// <summary>
/// What the screen takes: the real one, on a pseudo-terminal, while a worker meters made-up frames as fast as it can. The
/// flows of all frames are alive, and all of them change between two refreshes.
/// </summary>
internal sealed class ScreenBenchmark : IDisposable
{
    private const int MaximumRows = 2000;
    private const int MostKeys = 100;
    private const int KeysPerSecond = 10; // of those that are measured
    private static readonly TimeSpan s_snapshotInterval = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);

    private readonly Sought _lastLine = new("Quit"u8.ToArray()); // in the last line of every view
    private readonly Sought _frame = new("\e[?2026h"u8.ToArray());

    private readonly PseudoTerminal _terminal;
    private readonly Thread _reader;
    private readonly AutoResetEvent _hasDrawn = new(false);
    private volatile bool _isOver;
    private long _written;
    private long _firstFrameAt; // of Stopwatch; 0 until then

    private ScreenBenchmark(int columns, int rows)
    {
        _terminal = new PseudoTerminal(columns, rows);
        _reader = new Thread(Read) { Name = "terminal", IsBackground = true };
    }

    /// <param name="flows">All alive.</param>
    /// <param name="seconds">How long to measure.</param>
    /// <param name="keys">To be pressed beforehand, as "2" for the view of hosts.</param>
    public static ScreenResult Run(int flows, int columns, int rows, double seconds, string keys)
    {
        using ScreenBenchmark bench = new(columns, rows);
        return bench.Measure(flows, columns, rows, TimeSpan.FromSeconds(seconds), keys);
    }

    public void Dispose()
    {
        _isOver = true;
        if (_reader.IsAlive)
            _reader.Join();
        _terminal.Dispose();
        _hasDrawn.Dispose();
    }

    private ScreenResult Measure(int flows, int columns, int rows, TimeSpan duration, string keys)
    {
        using SyntheticSource source = new(flows, long.MaxValue, rounds: 1);
        using EngineObservation observation = new(source, flows);
        MeteringWorker worker = observation.Metering.Workers[0];
        using ExportingProcess exporting = new(
            observation.Metering.EndedFlowRecords, [], observation.ObservationPoints, new ExportOptions(), UdpTransport.ConnectAsync, TimeProvider.System);
        CpuAffinity.Avoid([worker.Cpu]);
        SnapshotExchange exchange = new(MaximumRows);
        using SnapshotTaker snapshots = new(observation, exchange, s_snapshotInterval);
        int refreshes = 0;
        snapshots.IntervalElapsed += () => Interlocked.Increment(ref refreshes);
        exporting.Start();
        observation.Metering.Start();
        for (int last = 0; worker.Cache.Count == 0 || worker.Cache.Count > last;)
        {
            last = worker.Cache.Count;
            Thread.Sleep(500);
        }
        int live = worker.Cache.Count; // some of a random choice are never chosen
        snapshots.Start();
        _reader.Start();

        using CancellationTokenSource quit = new();
        Thread screen = new(() => Screen.Run(
            exchange, new ExportControl(exporting, configuration: null), snapshots.Refresh, new ControllingTerminal(quit), new ScreenSettings(), null, null, quit.Token))
        { Name = "screen", IsBackground = true };
        long start = Stopwatch.GetTimestamp();
        screen.Start();
        Thread.Sleep(s_warmUp);
        foreach (char key in keys)
        {
            _terminal.Type(key.ToString());
            Thread.Sleep(s_snapshotInterval);
        }

        worker.Gaps.TakeLongest();
        Usage before = Usage.Now(refreshes, Volatile.Read(ref _written));
        long measuredFrom = Stopwatch.GetTimestamp();
        Thread.Sleep(duration);
        Usage used = Usage.Now(refreshes, Volatile.Read(ref _written)) - before;
        TimeSpan measured = Stopwatch.GetElapsedTime(measuredFrom);
        TimeSpan longestGap = worker.Gaps.TakeLongest();
        TimeSpan[] delays = PressKeys(Math.Clamp((int)(KeysPerSecond * duration.TotalSeconds), 1, MostKeys));
        quit.Cancel();
        screen.Join();
        snapshots.Stop();
        observation.Metering.Stop();
        return new ScreenResult
        {
            Flows = live,
            Columns = columns,
            Rows = rows,
            Refreshes = used.Refreshes,
            Duration = measured,
            SnapshotCpu = 100 * used.SnapshotCpu / measured.TotalSeconds,
            ScreenCpu = 100 * used.OtherCpu / measured.TotalSeconds,
            AllocatedPerRefresh = (double)used.Allocated / Math.Max(1, used.Refreshes),
            WrittenPerRefresh = (double)used.Written / Math.Max(1, used.Refreshes),
            FirstFrame = _firstFrameAt == 0 ? Timeout.InfiniteTimeSpan : Stopwatch.GetElapsedTime(start, _firstFrameAt),
            KeyMedian = delays[delays.Length / 2],
            KeyLongest = delays[^1],
            Collections = used.Collections,
            LongestGap = longestGap,
        };
    }

    /// <summary>Moves the cursor, at no time in particular; gives how long each key took, in ascending order.</summary>
    private TimeSpan[] PressKeys(int keys)
    {
        Random random = new(1);
        TimeSpan[] delays = new TimeSpan[keys];
        for (int i = 0; i < keys; i++)
        {
            Thread.Sleep(random.Next(60, 160));
            _hasDrawn.Reset();
            long pressed = Stopwatch.GetTimestamp();
            _terminal.Type(i % 2 == 0 ? "G" : "g"); // from one end to the other
            _hasDrawn.WaitOne(TimeSpan.FromSeconds(5));
            delays[i] = Stopwatch.GetElapsedTime(pressed);
        }
        Array.Sort(delays);
        return delays;
    }

    private void Read()
    {
        byte[] bytes = new byte[1 << 16];
        while (!_isOver)
        {
            int length = _terminal.Read(bytes, milliseconds: 50);
            if (length == 0)
                continue;
            if (_firstFrameAt == 0 && _lastLine.IsIn(bytes.AsSpan(0, length)))
                _firstFrameAt = Stopwatch.GetTimestamp();
            Volatile.Write(ref _written, _written + length);
            if (_frame.IsIn(bytes.AsSpan(0, length)))
                _hasDrawn.Set();
        }
    }

    /// <summary>What is looked for in octets that come in pieces. It begins with an octet that it has but once.</summary>
    private sealed class Sought(byte[] octets)
    {
        private int _found;

        public bool IsIn(ReadOnlySpan<byte> piece)
        {
            bool isIn = false;
            foreach (byte octet in piece)
            {
                _found = octet == octets[_found] ? _found + 1 : octet == octets[0] ? 1 : 0;
                if (_found < octets.Length)
                    continue;
                (_found, isIn) = (0, true);
            }
            return isIn;
        }
    }

    /// <summary>What was used until a moment; or between two.</summary>
    private readonly record struct Usage(int Refreshes, long Written, double SnapshotCpu, double OtherCpu, long Allocated, int Collections)
    {
        public static Usage Now(int refreshes, long written) => new(
            refreshes, written, ThreadTimes.CpuSeconds(name => name == "snapshots"),
            ThreadTimes.CpuSeconds(name => name is not ("snapshots" or "worker" or "terminal")),
            GC.GetTotalAllocatedBytes(precise: true), GC.CollectionCount(0));

        public static Usage operator -(Usage a, Usage b) => new(
            a.Refreshes - b.Refreshes, a.Written - b.Written, a.SnapshotCpu - b.SnapshotCpu, a.OtherCpu - b.OtherCpu,
            a.Allocated - b.Allocated, a.Collections - b.Collections);
    }
}
