using System.Buffers;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using XdpTop.Capture;
using XdpTop.Cli.Configuration;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Names;
using XdpTop.Native;
using XdpTop.Ui;

namespace XdpTop.Cli;

/// <summary>One run of the program: puts the parts together, waits for the end, and takes them apart in order.</summary>
internal sealed class Session : IDisposable
{
    /// <summary>The most flows that a screen or a batch refresh shows.</summary>
    private const int MaximumRows = 2000;

    /// <summary>How long the screen may take to give the terminal back.</summary>
    private static readonly TimeSpan s_screenPatience = TimeSpan.FromSeconds(2);

    private readonly Options _options;
    private readonly Observation _observation;
    private readonly ExportingProcess _exporting;
    private readonly SnapshotExchange _exchange = new(MaximumRows);
    private readonly SnapshotTaker _snapshots;
    private readonly AutoResetEvent _refreshed = new(false);
    private readonly CancellationTokenSource _quit = new();
    private readonly StandardOutput _standardOutput = new();
    private readonly HostNames _hostNames = new((address, version) => HostNameLookup.Resolve(new IPAddress(address.Bytes(version))), TimeProvider.System);
    private readonly List<PosixSignalRegistration> _signals = [];

    private Session(Options options)
    {
        _options = options;
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, Quit));
        _observation = options.ReadFile is null ? new LiveObservation(options) : new FileObservation(options);
        try
        {
            _exporting = CreateExporting();
        }
        catch
        {
            _observation.Dispose();
            throw;
        }
        _exchange.Request = options.Screen.FirstRequest(options.Biflow, options.Delay, _hostNames);
        _snapshots = new SnapshotTaker(_observation, _exchange, options.Delay);
    }

    /// <summary>Runs as the options say; gives the exit status. Errors have been printed.</summary>
    public static int Run(Options options)
    {
        try
        {
            if (CannotRun(options) is { } problem)
                return Fail(problem.Sentence, problem.ExitCode);
            using Session session = new(options);
            return session.Run();
        }
        catch (NativeException e)
        {
            return Fail(e.Message, e.IsUnsupported ? ExitCode.Unsupported : ExitCode.Failed);
        }
        catch (Exception e) when (e is CaptureException or IOException)
        {
            return Fail(e.Message, ExitCode.Failed);
        }
    }

    public void Dispose()
    {
        StopObserving();
        _snapshots.Dispose();
        _observation.Dispose();
        _exporting.Dispose();
        _signals.ForEach(signal => signal.Dispose());
        _refreshed.Dispose();
        _quit.Dispose();
        _hostNames.Dispose();
    }

    private int Run()
    {
        _snapshots.IntervalElapsed += () => _refreshed.Set();
        ErrorOutput.Say(_observation.MemoryText);
        CpuAffinity.Avoid(_observation.Metering.Workers.Select(worker => worker.Cpu));
        _exporting.Start();
        _observation.Metering.Start();
        // Reading a file into records needs none, and they would cost it time.
        if (_options.HasScreen || (_options.Batch && _options.ReadFile is null))
            _snapshots.Start();
        LiveObservation? live = _observation as LiveObservation;
        live?.Watch(news => EventText.Print(news, _options, _standardOutput));
        live?.StartDemo();
        ExportControl control = new(_exporting, _options.Configuration);
        using CancellationTokenRegistration hurrying = SendsAll ? _quit.Token.Register(_exporting.ExpectLastRecords) : default;
        if (_options.HasScreen)
        {
            ShowScreen(control);
            StopObserving();
            return Conclude("");
        }
        Task printing = Task.Factory.StartNew(() => Print(control), TaskCreationOptions.LongRunning);
        // Whoever does not read what is printed does not hold up the end of what is live.
        WaitHandle printed = ((IAsyncResult)printing).AsyncWaitHandle;
        WaitHandle.WaitAny(live is null ? [printed] : [printed, _quit.Token.WaitHandle]);
        StopObserving();
        try
        {
            printing.GetAwaiter().GetResult();
            return Conclude("");
        }
        catch (IOException e)
        {
            return Conclude(CannotPrint(e));
        }
    }

    /// <summary>A file that has been read is sent however long a collector takes, unless the user will not wait.</summary>
    private bool SendsAll => _options is { ReadFile: not null, HasScreen: false };

    /// <summary>
    /// The host gets its packets again first; then everything that was received is metered, and all records go out.
    /// </summary>
    private void StopObserving()
    {
        _observation.Detach();
        if (!SendsAll)
            _exporting.ExpectLastRecords();
        _observation.Metering.Stop();
        _exporting.Stop();
    }

    private void ShowScreen(ExportControl control)
    {
        int refreshes = 0;
        _snapshots.IntervalElapsed += () =>
        {
            // Snapshots go on after the screen has ended, until all is taken apart.
            if (MustEnd(++refreshes))
                _quit.Cancel();
        };
        Exception? failure = null;
        Thread screen = new(() =>
        {
            try
            {
                Screen.Run(
                    _exchange, control, _snapshots.Refresh, new ControllingTerminal(_quit), _options.Screen, new SettingsStore(_options.Configuration), _hostNames, _quit.Token);
            }
            catch (Exception e)
            {
                failure = e;
            }
            _quit.Cancel();
        })
        { IsBackground = true, Name = "screen" };
        screen.Start();
        _quit.Token.WaitHandle.WaitOne();
        // A terminal that has gone, or that takes no output, can hold the screen for ever; the program still has to end.
        screen.Join(s_screenPatience);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    private void Print(ExportControl control)
    {
        FlowRecordJson? json = _options.Json ? new FlowRecordJson(_observation.ObservationPoints, _options.Fields) : null;
        BatchOutput batch = new(_standardOutput, _exchange, control, json);
        bool prints = _options.Batch && _options.ReadFile is null;
        ExportNews news = new();
        bool hasSaidSo = false;
        int refreshes = 0;
        while (true)
        {
            // The first snapshot has no interval before it, and so no rates: as top does, wait for the next.
            bool quit = WaitHandle.WaitAny([_quit.Token.WaitHandle, _refreshed], Patience) == 0;
            if (quit || _observation.IsFinished || (_standardOutput.ReaderHasGone && !_options.ServesOthers))
                break;
            if (_standardOutput.ReaderHasGone && !hasSaidSo)
            {
                hasSaidSo = true;
                ErrorOutput.Say("nobody reads standard output any more: metering, export and files go on");
            }
            foreach (ExportEvent one in news.Since(_exporting.Status, DateTime.UtcNow))
                EventText.Print(one, _options, _standardOutput);
            if (!prints)
                continue;
            if (refreshes > 0)
                batch.Print();
            if (MustEnd(refreshes++))
                return;
        }
        if (_options.BrowsesFile)
        {
            _snapshots.Stop(); // the last snapshot is taken here
            _snapshots.Take(newInterval: true);
            batch.Print();
        }
    }

    // A file may be read long before a refresh is due.
    private TimeSpan Patience => _options.ReadFile is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(20);

    private bool MustEnd(int refreshes) =>
        (_options.Iterations > 0 && refreshes >= _options.Iterations)
        || _observation.HasFailed;

    /// <param name="failure">What went wrong so far, as a sentence; empty if nothing did.</param>
    private int Conclude(string failure)
    {
        ObservationPointCounters totals = _observation.ReadTotals();
        ExportStatus export = _exporting.Status;
        if (_options.Json && failure.Length == 0)
        {
            ArrayBufferWriter<byte> summary = new();
            SummaryText.WriteJson(
                summary, "summary", in totals, _observation.ReadInterfaces(), offered: _observation.Offered, biflows: Biflows(in export), collectors: export.Collectors);
            try
            {
                _standardOutput.Write(summary.WrittenSpan);
            }
            catch (IOException e)
            {
                failure = CannotPrint(e);
            }
        }
        else
        {
            ErrorOutput.Say(SummaryText.ForPeople(in totals, _observation.Offered, Biflows(in export)));
            foreach (InterfaceStatus status in _observation.ReadInterfaces().Where(status => status.HasCounters))
                ErrorOutput.Say(SummaryText.ForPeople(status));
        }
        int exitCode = failure.Length > 0 ? Fail(failure, ExitCode.Failed) : ExitCode.Fine;
        if (_observation.Problem is { Length: > 0 } problem)
            exitCode = Fail(problem, ExitCode.Failed);
        if (export.OutputProblem.Length > 0)
            exitCode = Fail(export.OutputProblem, ExitCode.Failed);
        if (!_options.Json)
            export.Collectors.Where(collector => collector.Sent.Records > 0).Select(SummaryText.Sent).ToList().ForEach(ErrorOutput.Say);
        if (export.RecordsLost > 0)
        {
            if (_options.ReadFile is not null)
                exitCode = ExitCode.Failed; // whoever reads a file wants all of it there; live, much can pass
            if (export.CollectorProblem.Length > 0)
                ErrorOutput.Say(export.CollectorProblem);
            export.Collectors.Where(collector => collector.NotSent.Records > 0).Select(SummaryText.NotSent).ToList().ForEach(ErrorOutput.Say);
        }
        return exitCode;
    }

    /// <summary>What the summary says of pairing; null where there was none.</summary>
    private (ulong Uniflows, ulong Biflows)? Biflows(in ExportStatus export) =>
        _options.Biflow ? (export.Uniflows, export.Biflows) : null;

    private ExportingProcess CreateExporting()
    {
        IReadOnlyList<ObservationPoint> points = _observation.ObservationPoints;
        ExportOptions exportOptions = _options.ForExport(points.Select(point => point.Name)) with { Metering = _observation.ReadStatistics };
        // Before the outputs: an option that is wrong costs no file that is there.
        Transports transports = new(TlsIdentity.Load(_options.ExportAuthorities, _options.ExportCertificate, _options.ExportKey));
        List<IRecordOutput> outputs = [];
        if (_options.WritesRecordsToStandardOutput)
        {
            IRecordOutput records = RecordOutputs.OnStandardOutput(_standardOutput, points, _options.Fields);
            outputs.Add(_options.Output == RecordOutputs.StandardOutput ? new StandardOutputRecords(records, _standardOutput) : records);
        }
        if (_options.Output is not null and not RecordOutputs.StandardOutput)
            outputs.Add(RecordOutputs.Open(_options.Output, points, exportOptions, TimeProvider.System, _options.Rotation, _standardOutput.GivesUp));
        ExportingProcess exporting = new(
            _observation.Metering.EndedFlowRecords, outputs, points, exportOptions, transports.ConnectAsync, TimeProvider.System);
        if (_options.Export is not null)
        {
            exporting.Collectors.TrySet(_options.Export, out _); // checked with the command line
            exporting.SwitchOn();
        }
        else
        {
            exporting.Collectors.TrySet(string.Join(' ', _options.Screen.Collectors), out _); // checked with the configuration file
        }
        return exporting;
    }

    private static string CannotPrint(IOException e) =>
        $"writing to standard output failed: {e.Message}; make room, or send it elsewhere";

    private void Quit(PosixSignalContext context)
    {
        context.Cancel = true; // this program ends in its own order
        _standardOutput.ExpectEnd(_options.Drain);
        _quit.Cancel();
    }

    /// <summary>What makes a run hopeless from the start; null if nothing does.</summary>
    private static (string Sentence, int ExitCode)? CannotRun(Options options)
    {
        if (options.ReadFile is null && Capabilities.Missing() is { Length: > 0 } missing)
            return ($"capturing needs rights that this process lacks ({missing}): run it with sudo", ExitCode.Unsupported);
        if (options.Cpus.Except(CpuAffinity.Allowed()).ToArray() is [int cpu, ..])
            return ($"there is no core {cpu} that this process may run on: give others with --cpus ('taskset -cp $$' tells which)", ExitCode.Failed);
        int cores = options.Cpus.Count > 0 ? options.Cpus.Count : CpuAffinity.Allowed().Length;
        if (options.Threads > cores)
            return ($"there are not {options.Threads} cores for as many workers but {cores}: give fewer with --threads", ExitCode.Usage);
        if (options.ReadFile is not null && options.Output is not null && FileDescriptor.IsSameFile(options.ReadFile, options.Output))
            return ($"the output '{options.Output}' is the capture file itself, which would be lost: name another", ExitCode.Usage);
        if (!options.HasScreen)
            return null;
        if (Console.IsOutputRedirected || (Console.IsInputRedirected && options.ReadFile != PcapSource.StandardInput))
            return ("the screen needs a terminal, and this is none: use --batch", ExitCode.Usage);
        if (ControllingTerminal.ProblemOf(Environment.GetEnvironmentVariable("TERM")) is { } dumb)
            return (dumb, ExitCode.Usage);
        if (Console.WindowWidth < Screen.MinimumWidth || Console.WindowHeight < Screen.MinimumHeight)
        {
            return ($"the terminal has {Console.WindowWidth} columns and {Console.WindowHeight} rows, the screen needs "
                + $"{Screen.MinimumWidth} and {Screen.MinimumHeight}: make it larger, or use --batch", ExitCode.Failed);
        }
        return null;
    }

    private static int Fail(string sentence, int exitCode)
    {
        ErrorOutput.Say(sentence);
        return exitCode;
    }
}
