using System.Diagnostics;
using XdpTop.Capture;

namespace XdpTop.Cli;

/// <summary>
/// What an interface and its driver have counted while it was captured from: the differences since each capture began,
/// added up. One thread at a time: whoever owns it locks.
/// </summary>
internal sealed class InterfaceCounts
{
    /// <summary>Drivers may take long to answer, and several readers may ask at once.</summary>
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(50);

    private readonly SortedDictionary<string, ulong> _before = new(StringComparer.Ordinal); // drops of captures that are over
    private ulong _packetsBefore;
    private ulong _missedBefore;

    // Of the one that is there.
    private InterfaceCapture? _capture;
    private DriverDrops? _driver;
    private LinkCounters _linkAtStart;
    private LinkCounters _link;
    private Dictionary<string, ulong> _dropsAtStart = [];
    private Dictionary<string, ulong> _drops = [];
    private long _readAt;

    /// <summary>Packets that came in, and where that is captured, too, those that went out.</summary>
    public ulong Packets => _packetsBefore
        + Difference(_link.RxPackets, _linkAtStart.RxPackets)
        + (_capture is { SeesEgress: true } ? Difference(_link.TxPackets, _linkAtStart.TxPackets) : 0);

    /// <summary>Packets that it had no room for, and that are not among <see cref="Packets"/>.</summary>
    public ulong Missed => _missedBefore + MissedNow;

    /// <summary>All drops by their names, those that there are.</summary>
    public (string Name, ulong Count)[] Drops =>
        [.. _before.Keys.Union(_drops.Keys).Order(StringComparer.Ordinal)
            .Select(name => (name, _before.GetValueOrDefault(name) + Lost(name))).Where(drop => drop.Item2 > 0)];

    // A packet may be counted under several names: by the kernel's as by the driver's own.
    private ulong MissedNow => _drops.Keys.Where(IsMissed).Select(Lost).DefaultIfEmpty().Max();

    /// <summary>A capture begins.</summary>
    public void Begin(InterfaceCapture capture)
    {
        _capture = capture;
        _driver = new DriverDrops(capture.Target);
        Read(always: true);
        (_linkAtStart, _dropsAtStart) = (_link, _drops);
    }

    /// <summary>Looks at the interface, if it is still there, and if the last look was not just now.</summary>
    public void Read(bool always = false)
    {
        if (_capture is null || (!always && Stopwatch.GetElapsedTime(_readAt) < s_between))
            return;
        _readAt = Stopwatch.GetTimestamp();
        if (LinkState.Read(_capture.Name) is not { } link || link.Index != _capture.Index)
            return;
        _link = link.Counters;
        Dictionary<string, ulong> drops = new(StringComparer.Ordinal)
        {
            [LinkCounters.MissedName] = _link.RxMissed,
            ["rx_dropped"] = _link.RxDropped,
            ["rx_fifo_errors"] = _link.RxFifo,
            ["rx_nohandler"] = _link.RxNoHandler,
        };
        foreach ((string name, ulong count) in _driver!.Read())
            drops[name] = Math.Max(drops.GetValueOrDefault(name), count);
        _drops = drops;
    }

    /// <summary>The capture is over.</summary>
    public void Keep()
    {
        (_packetsBefore, _missedBefore) = (Packets, Missed);
        foreach ((string name, ulong count) in Drops)
            _before[name] = count;
        _capture = null;
        (_linkAtStart, _dropsAtStart) = (_link, _drops);
    }

    private static bool IsMissed(string name) => name == LinkCounters.MissedName || DriverDrops.IsMissed(name);

    private ulong Lost(string name) => Difference(_drops.GetValueOrDefault(name), _dropsAtStart.GetValueOrDefault(name));

    // Some drivers begin anew at 0 when they are reset.
    private static ulong Difference(ulong now, ulong before) => now > before ? now - before : 0;
}
