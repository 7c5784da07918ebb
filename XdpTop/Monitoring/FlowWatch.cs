using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>A conversation that is looked at on its own: a flow and, where there can be one, its reverse.</summary>
internal sealed record WatchedFlow(FlowKey Key, byte ObservationPoint);

/// <summary>
/// Finds the conversation that the reader looks at among all flows, whichever are shown, and keeps its rates from the
/// moment on that it was asked for. What has ended stays as it was last. Snapshot thread only.
/// </summary>
internal sealed class FlowWatch
{
    private readonly RateHistory _forward = new();
    private readonly RateHistory _reverse = new();
    private WatchedFlow? _wanted;
    private FlowKey _reverseKey;
    private bool _canReverse;
    private FlowRow _row;
    private double? _entropy;
    private double? _reverseEntropy;
    private bool _sawForward;
    private bool _sawReverse;

    /// <summary>Whether it has to see all flows of this snapshot.</summary>
    public bool IsWatching => _wanted is not null;

    /// <summary>Begins a snapshot.</summary>
    public void Begin(WatchedFlow? wanted)
    {
        (_sawForward, _sawReverse) = (false, false);
        if (wanted == _wanted)
            return;
        _wanted = wanted;
        (_row, _entropy, _reverseEntropy) = (default, null, null);
        _forward.Clear();
        _reverse.Clear();
        _canReverse = wanted is not null && Biflow.TryReverse(wanted.Key, out _reverseKey);
    }

    /// <summary>Looks at a flow, or at both directions of a Biflow, read for this snapshot.</summary>
    public void See(ref readonly FlowRow row)
    {
        if (_wanted is null || row.Record.ObservationPoint != _wanted.ObservationPoint)
            return;
        See(in row.Record, row.Place, row.PacketsPerSecond, row.OctetsPerSecond);
        if (row.IsBiflow)
            See(in row.Reverse, row.ReversePlace, row.ReversePacketsPerSecond, row.ReverseOctetsPerSecond);
    }

    private void See(in FlowRecord record, FlowPlace place, double packetRate, double octetRate)
    {
        if (record.Key.Equals(_wanted!.Key))
        {
            _row.Record = record;
            (_row.Place, _row.PacketsPerSecond, _row.OctetsPerSecond) = (place, packetRate, octetRate);
            _sawForward = true;
        }
        else if (_canReverse && Biflow.AreSame(in record.Key, in _reverseKey))
        {
            _row.Reverse = record;
            (_row.ReversePlace, _row.ReversePacketsPerSecond, _row.ReverseOctetsPerSecond) = (place, packetRate, octetRate);
            _sawReverse = true;
        }
    }

    /// <summary>Ends a snapshot, and puts into it what was found.</summary>
    /// <param name="snapshot">With its time.</param>
    /// <param name="before">When the snapshot of the interval before was taken; 0 to leave the rates' history as it is.</param>
    /// <param name="flows">Where it can be read what only flows that are watched have to tell.</param>
    public void End(TrafficSnapshot snapshot, long before, FlowReader flows)
    {
        snapshot.Watched = _wanted;
        if (_wanted is null)
            return;
        if (!_sawForward)
            (_row.PacketsPerSecond, _row.OctetsPerSecond) = (0, 0);
        if (!_sawReverse)
            (_row.ReversePacketsPerSecond, _row.ReverseOctetsPerSecond) = (0, 0);
        if (before > 0)
        {
            double seconds = (snapshot.Time - before) / 1e9;
            _forward.Add(before, snapshot.Time, _row.OctetsPerSecond * seconds, _row.PacketsPerSecond * seconds);
            _reverse.Add(before, snapshot.Time, _row.ReverseOctetsPerSecond * seconds, _row.ReversePacketsPerSecond * seconds);
        }
        bool hasEnded = !_sawForward && !_sawReverse;
        _row.EndedAt = !hasEnded ? 0 : _row.EndedAt > 0 ? _row.EndedAt : snapshot.Time;
        if (_sawForward)
            _entropy = flows.ReadEntropy(_row.Place);
        if (_sawReverse)
            _reverseEntropy = flows.ReadEntropy(_row.ReversePlace);
        snapshot.WatchedRow = _row;
        (snapshot.WatchedEntropy, snapshot.WatchedReverseEntropy) = (_entropy, _reverseEntropy);
        snapshot.WatchedForward.CopyFrom(_forward);
        snapshot.WatchedReverse.CopyFrom(_reverse);
    }
}
