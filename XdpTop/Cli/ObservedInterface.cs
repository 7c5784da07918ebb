using XdpTop.Capture;
using XdpTop.Flows;
using XdpTop.Metering;
using XdpTop.Monitoring;
using XdpTop.Native;

namespace XdpTop.Cli;

/// <summary>
/// An interface of a given name for all of a run, whatever befalls it: its workers, flows and counts stay; what captures
/// is taken apart when the interface goes, and made anew when it is back or has other queues. <see cref="Check"/> and
/// what it calls are the watching thread's; what others may call says so.
/// </summary>
internal sealed class ObservedInterface : IDisposable
{
    private static readonly TimeSpan s_betweenTrials = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_betweenUses = TimeSpan.FromSeconds(0.5);

    private readonly Options _options;
    private readonly WorkerSlots _slots;
    private readonly Lock _lock = new(); // of what the snapshot thread reads, too
    private readonly InterfaceNotice _notice = new();
    private readonly CaptureHistory _history;
    private InterfaceCapture? _capture; // null: there is nothing that could be captured from
    private InterfaceStatus _mode;
    private bool _staysTapped;
    private bool _isDetached;
    private DateTime _nextTrial;
    private DateTime _nextUse;
    private bool _useMayBeOther;
    private int _mtu;
    private int _queues;

    /// <exception cref="NativeException">There is no such interface, or it cannot be captured from like this.</exception>
    public ObservedInterface(string name, Options options)
    {
        Name = name;
        SafeName = SafeText.Clean(name);
        _capture = InterfaceCapture.Open(name, options, ErrorOutput.Say);
        _slots = new WorkerSlots(_capture.Sources);
        _options = options with { Threads = Sources.Count };
        _history = new CaptureHistory(Sources.Count);
        _mode = Know(_capture);
        _mtu = LinkState.Read(name)?.Mtu ?? 0;
    }

    public string Name { get; }

    /// <summary>The name as it can go to a terminal.</summary>
    public string SafeName { get; }

    /// <summary>ifIndex, of now or of when it was last there. Any thread.</summary>
    public int Index { get; private set => Volatile.Write(ref field, value); }

    /// <summary>One for each worker, whose they become.</summary>
    public IReadOnlyList<SourceSlot> Sources => _slots.Sources;

    /// <summary>What captures: null while there is nothing to capture from. The watching thread's, once that has begun.</summary>
    public InterfaceCapture? Capture => _capture;

    /// <summary>Those that read <see cref="Sources"/>, in the same order.</summary>
    public List<MeteringWorker> Workers => _slots.Workers;

    /// <summary>As it is now. Any thread.</summary>
    public InterfaceStatus Status
    {
        get
        {
            lock (_lock)
            {
                return _mode with
                {
                    Notice = _notice.Text(DateTime.UtcNow),
                    HasCounters = true,
                    Counters = _history.Read(_capture, Workers),
                    InterfaceDrops = _history.InterfaceDrops,
                };
            }
        }
    }

    /// <summary>After the workers have started: lets frames come.</summary>
    public void Start()
    {
        _history.Begin(_capture!, Workers);
        _capture!.Start();
    }

    /// <summary>Looks at how the interface is, and does what is to be done.</summary>
    /// <param name="wasRemoved">The kernel has told that the interface of this <see cref="Index"/> has gone.</param>
    /// <param name="isNews">The kernel has told of some change, of this or another interface.</param>
    /// <param name="tell">Is told what happened.</param>
    public void Check(bool wasRemoved, bool isNews, Action<InterfaceEvent> tell)
    {
        try
        {
            LinkState? link = LinkState.Read(Name);
            if (_capture is not null && (wasRemoved || (link?.Index ?? Links.IndexOf(Name)) != Index))
            {
                Close();
                Say(InterfaceEventKind.Gone, "gone: waiting", lasts: true, tell);
            }
            if (link is null)
                return;
            if (_capture is null)
                CaptureAgain(link.Value, isNews, InterfaceEventKind.Back, "back", tell);
            else if (!_isDetached)
                CheckCapture(_capture, link.Value, isNews, tell);
            if (_capture is not null)
            {
                CheckLink(_capture, link.Value, tell);
                CheckPackets(_capture, tell);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NativeException or System.Net.NetworkInformation.NetworkInformationException)
        {
            // The interface changes while it is looked at: the next look is soon.
        }
    }

    /// <summary>All that is counted of this Observation Point. Any thread.</summary>
    public ObservationPointCounters ReadCounters()
    {
        lock (_lock)
            return _history.Read(_capture, Workers);
    }

    /// <summary>What the kernel has dropped of a worker's frames. Any thread.</summary>
    public XskStatistics? ReadStatistics(int worker)
    {
        lock (_lock)
            return _history.ReadStatistics(_capture, worker);
    }

    /// <summary>Fills in what is known of a worker's queues and rings. Any thread.</summary>
    public void ReadQueue(int worker, ref QueueStatus queue)
    {
        lock (_lock)
        {
            (queue.Queues, queue.RingFill, queue.RingSize) = (null, 0, 0);
            if (worker < _capture?.Sources.Count)
                _capture.ReadQueue(worker, ref queue);
        }
    }

    /// <summary>No more frames come; what was received by now can still be read. The last that is called of it by others than readers.</summary>
    public void Detach()
    {
        lock (_lock)
        {
            _history.End();
            _capture?.Detach();
        }
    }

    /// <summary>After the workers have ended and have disposed of the sources.</summary>
    public void Dispose() => _capture?.Dispose();

    private void CheckCapture(InterfaceCapture capture, LinkState link, bool isNews, Action<InterfaceEvent> tell)
    {
        if (!capture.IsAttached)
        {
            _isDetached = true;
            Say(InterfaceEventKind.Detached, "detached by another program: no packets come until xdptop is started again", lasts: true, tell);
        }
        else if (capture.Target.RxQueues is var queues && queues != _queues)
        {
            string change = $"{queues} RX {(queues == 1 ? "queue" : "queues")}, {_queues} before";
            _queues = queues;
            if (capture.ReadsQueues)
                Renew(link, InterfaceEventKind.QueuesChanged, change, tell);
            else
                Say(InterfaceEventKind.QueuesChanged, change, lasts: false, tell);
        }
        else if (capture.YieldsToHost(_options) && FindUse(capture, isNews) is { } use)
        {
            Renew(link, InterfaceEventKind.InUse, $"the host uses it now ({use})", tell);
        }
    }

    /// <summary>What the host uses it for, if that may have changed and was not asked just now: there may be many routes to look at.</summary>
    private string? FindUse(InterfaceCapture capture, bool isNews)
    {
        _useMayBeOther |= isNews;
        if (!_useMayBeOther || DateTime.UtcNow < _nextUse)
            return null;
        _nextUse = DateTime.UtcNow + s_betweenUses;
        string? use = HostUse.Of(capture.Target);
        _useMayBeOther = false; // not before: if it cannot be told now it is asked again
        return use;
    }

    private void CheckLink(InterfaceCapture capture, LinkState link, Action<InterfaceEvent> tell)
    {
        if (link.Mtu != _mtu)
        {
            Say(InterfaceEventKind.MtuChanged, $"MTU {link.Mtu}, {_mtu} before", lasts: false, tell);
            _mtu = link.Mtu;
        }
        lock (_lock)
            _notice.Warning = capture.MtuCeiling is { } ceiling && link.Mtu > ceiling ? $"MTU {link.Mtu}: frames beyond {ceiling} are dropped" : "";
        if (_isDetached)
            return;
        string trouble = !link.IsUp ? "down: waiting" : !link.HasCarrier ? "no carrier: waiting" : "";
        if (trouble == _notice.Lasting)
            return;
        if (trouble.Length > 0)
            Say(link.IsUp ? InterfaceEventKind.NoCarrier : InterfaceEventKind.Down, trouble, lasts: true, tell);
        else
            SayAllIsWell(InterfaceEventKind.Up, "up", tell);
    }

    private void CheckPackets(InterfaceCapture capture, Action<InterfaceEvent> tell)
    {
        if (capture.FindWarning() is not { } warning || _mode.Warnings.Contains(warning))
            return;
        lock (_lock)
            _mode = _mode with { Warnings = [.. _mode.Warnings, warning] };
        Say(InterfaceEventKind.NoEffect, warning.Sentence, lasts: false, tell);
    }

    /// <summary>Takes apart what captures, and makes it anew for the interface as it is now.</summary>
    private void Renew(LinkState link, InterfaceEventKind kind, string what, Action<InterfaceEvent> tell)
    {
        Close();
        _nextTrial = default;
        CaptureAgain(link, isNews: true, kind, what, tell);
    }

    private void CaptureAgain(LinkState link, bool isNews, InterfaceEventKind kind, string what, Action<InterfaceEvent> tell)
    {
        // Whoever uses the interface sets it up: only then it is known whether it is the host.
        if (!link.IsUp && !_staysTapped)
        {
            if (_notice.Lasting != "down: waiting")
                Say(InterfaceEventKind.Down, "down: waiting", lasts: true, tell);
            return;
        }
        if (!isNews && DateTime.UtcNow < _nextTrial)
            return;
        _nextTrial = DateTime.UtcNow + s_betweenTrials;
        string remark = "";
        InterfaceCapture capture;
        try
        {
            capture = InterfaceCapture.Open(Name, _staysTapped ? _options with { Mode = CaptureMode.Tap } : _options, sentence => remark += $"; {sentence}");
        }
        catch (NativeException e)
        {
            SayNotCaptured(e, tell);
            return;
        }
        _slots.Put(capture.Sources);
        lock (_lock)
        {
            _mode = Know(capture);
            _capture = capture;
            _history.Begin(capture, Workers);
        }
        try
        {
            capture.Start();
        }
        catch (NativeException e)
        {
            Close();
            SayNotCaptured(e, tell);
            return;
        }
        InterfaceStatus mode = capture.Status;
        string now = string.Join(' ', ((string[])[mode.Mode, mode.Attach, mode.Bind]).Where(word => word.Length > 0));
        SayAllIsWell(kind, $"{what}: {now}{remark}", tell);
    }

    /// <summary>Keeps what is to be known of a capture when it is over; gives its mode.</summary>
    private InterfaceStatus Know(InterfaceCapture capture)
    {
        Index = capture.Index;
        _queues = capture.RxQueues;
        // What the host used it will use again, perhaps not from the first moment on.
        _staysTapped = capture is TappedInterface && capture.FallBack.Length == 0;
        return capture.Status with { Name = SafeName, Workers = Sources.Count };
    }

    private void Close()
    {
        InterfaceCapture capture = _capture!;
        lock (_lock)
            _history.ReadInterface();
        capture.Detach();
        _slots.Put([]);
        lock (_lock)
        {
            _history.Keep(capture, Workers);
            _capture = null;
        }
        foreach (IFrameSource source in capture.Sources)
            source.Dispose();
        capture.Dispose();
        _isDetached = false;
    }

    private void SayNotCaptured(NativeException e, Action<InterfaceEvent> tell)
    {
        string failure = SafeText.Clean($"not captured: {e.Message}");
        if (failure != _notice.Lasting)
            Say(InterfaceEventKind.NotCaptured, failure, lasts: true, tell);
    }

    /// <summary>Also that what was said to last is over.</summary>
    private void SayAllIsWell(InterfaceEventKind kind, string message, Action<InterfaceEvent> tell)
    {
        lock (_lock)
            _notice.Clear();
        Say(kind, message, lasts: false, tell);
    }

    private void Say(InterfaceEventKind kind, string message, bool lasts, Action<InterfaceEvent> tell)
    {
        InterfaceEvent news = new(DateTime.UtcNow, SafeName, kind, SafeText.Clean(message));
        lock (_lock)
            _notice.Add(news, lasts);
        tell(news);
    }
}
