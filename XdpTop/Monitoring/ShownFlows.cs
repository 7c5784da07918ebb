using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>
/// Looks after the flows that the snapshot before showed: whether they have ended since, and, where the order is frozen,
/// how they are now. Snapshot thread only.
/// </summary>
internal sealed class ShownFlows(FlowReader flows)
{
    /// <summary>How long an ended flow is shown.</summary>
    public const long EndedFor = 10_000_000_000;

    private const int MostEnded = 512;

    private readonly FlowRow[] _ended = new FlowRow[MostEnded];
    private int _endedCount;
    private FlowRow _now;

    /// <summary>Shows the same flows at the same places, with their numbers of now; those that have ended stay.</summary>
    public int ShowAgain(TrafficSnapshot before, TrafficSnapshot snapshot)
    {
        for (int i = 0; i < before.RowCount; i++)
        {
            ref FlowRow row = ref snapshot.Rows[i];
            row = before.Rows[i];
            if (row.EndedAt > 0)
                continue;
            bool isAlive = TryRead(row.Place, in row.Record);
            if (isAlive)
                row.SetForward(in _now);
            else
                (row.PacketsPerSecond, row.OctetsPerSecond) = (0, 0);
            if (row.IsBiflow && TryRead(row.ReversePlace, in row.Reverse))
            {
                row.SetReverse(in _now);
                isAlive = true;
            }
            else
            {
                (row.ReversePacketsPerSecond, row.ReverseOctetsPerSecond) = (0, 0);
            }
            row.EndedAt = isAlive ? 0 : snapshot.Time;
        }
        return before.RowCount;
    }

    /// <summary>Offers the flows that have ended not long ago, as they were last, those of the snapshot before among them.</summary>
    public void OfferEnded(TrafficSnapshot before, long now, ref FlowSink sink)
    {
        int kept = 0;
        for (int i = 0; i < _endedCount; i++)
        {
            if (now - _ended[i].EndedAt < EndedFor)
                _ended[kept++] = _ended[i];
        }
        _endedCount = kept;
        for (int i = 0; i < before.RowCount && _endedCount < MostEnded; i++)
        {
            ref readonly FlowRow row = ref before.Rows[i];
            if (row.EndedAt > 0 || TryRead(row.Place, in row.Record) || (row.IsBiflow && TryRead(row.ReversePlace, in row.Reverse)))
                continue;
            _ended[_endedCount] = row;
            _ended[_endedCount++].EndedAt = now;
        }
        for (int i = 0; i < _endedCount; i++)
            sink.OfferEnded(in _ended[i]);
    }

    public void ForgetEnded() => _endedCount = 0;

    /// <summary>Reads the flow from where it was; false if it is there no more.</summary>
    private bool TryRead(FlowPlace place, in FlowRecord record) =>
        flows.TryReadAgain(place, ref _now)
        && _now.Record.ObservationPoint == record.ObservationPoint && _now.Record.Key.Equals(record.Key);
}
