using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>Where the flows of one snapshot go: to the rows, as far as they are among the first, and to the groups.</summary>
internal ref struct FlowSink(SnapshotRequest request, long now, Span<FlowRow> rows, GroupTable groups, FlowReader flows)
{
    private readonly FlowRowOrder _order = new(request.SortKey, request.Inverse);
    private TopRows<FlowRow, FlowRowOrder> _top = new(rows, new FlowRowOrder(request.SortKey, request.Inverse));
    private FlowRow _row;
    private LengthHistogram _lengths;

    public int LiveFlows;
    public int MatchingFlows;

    /// <summary>
    /// Whether all flows are asked for, and none has to be looked at for something else: then they are offered by their
    /// counts, a Biflow by <see cref="Count"/>, <see cref="Wants"/> and <see cref="OfferWanted"/>; else all by their rows.
    /// </summary>
    public readonly bool TakesAll { get; } = request is { Filter.Text.Length: 0, Within: null } && !flows.Watch.IsWatching;

    /// <summary>Takes a row, if it is one that was asked for.</summary>
    public void Offer(ref readonly FlowRow row)
    {
        flows.Watch.See(in row);
        if (!request.Matches(in row, now))
            return;
        MatchingFlows += row.IsBiflow ? 2 : 1;
        groups.Add(in row);
        _top.Offer(in row);
    }

    /// <summary>Takes a flow by its counts; its row is read only if it may be among the first.</summary>
    public void Offer(FlowPlace place, in FlowCounts counts, in FlowRate rate)
    {
        Count(place, in counts, in rate);
        if (Wants(in counts, in rate) && flows.TryReadAgain(place, ref _row))
            OfferWanted(in _row);
    }

    /// <summary>Counts a flow, or one direction of a Biflow, and puts it to its groups; more of it is read where these are not known.</summary>
    public void Count(FlowPlace place, in FlowCounts counts, in FlowRate rate)
    {
        MatchingFlows++;
        if (!groups.TryAdd(place, in counts, in rate))
        {
            if (flows.TryReadAgain(place, ref _row))
                groups.Add(in _row);
        }
        else if (groups.Kind == GroupKind.Protocols && flows.TryReadLengths(place, ref _lengths))
        {
            groups.AddLengths(in _lengths);
        }
    }

    /// <summary>Whether a row of these counts may be among the first.</summary>
    public readonly bool Wants(in FlowCounts counts, in FlowRate rate) =>
        !_top.IsFull || _order.Compare(in counts, in rate, in _top.Last) <= 0;

    /// <summary>Takes the row that it <see cref="Wants"/>.</summary>
    public void OfferWanted(ref readonly FlowRow row) => _top.Offer(in row);

    /// <summary>Takes a row of a flow that has ended, if it is one that was asked for: it counts for nothing more.</summary>
    public void OfferEnded(ref readonly FlowRow row)
    {
        if (request.Matches(in row, now))
            _top.Offer(in row);
    }

    /// <summary>Puts the rows in order; gives how many there are. Nothing may be offered after.</summary>
    public int Sort()
    {
        _top.Sort();
        return _top.Count;
    }
}
