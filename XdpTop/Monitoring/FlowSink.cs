using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>Where the flows of one snapshot go: to the rows, as far as they are among the first, and to the groups.</summary>
internal ref struct FlowSink(SnapshotRequest request, long now, Span<FlowRow> rows, GroupTable groups)
{
    private readonly FlowRowOrder _order = new(request.SortKey, request.Inverse);
    private TopRows<FlowRow, FlowRowOrder> _top = new(rows, new FlowRowOrder(request.SortKey, request.Inverse));

    private bool _isGrouped;

    public int LiveFlows;
    public int MatchingFlows;

    /// <summary>Takes a row, if it is one that was asked for.</summary>
    public void Offer(ref readonly FlowRow row)
    {
        if (!request.Matches(in row, now))
            return;
        MatchingFlows += row.IsBiflow ? 2 : 1;
        groups.Add(in row);
        _top.Offer(in row);
    }

    /// <summary>Whether all flows are asked for: then <see cref="Wants"/> goes before <see cref="OfferWanted"/>.</summary>
    public readonly bool TakesAll => request is { Filter.Text.Length: 0, Within: null };

    /// <summary>Counts a flow; whether its row is wanted, since it may be among the first or its groups are not known.</summary>
    public bool Wants(FlowPlace place, in FlowCounts counts, in FlowRate rate)
    {
        MatchingFlows++;
        _isGrouped = groups.TryAdd(place, in counts, in rate);
        return !_isGrouped || !_top.IsFull || _order.Compare(in counts, in rate, in _top.Last) <= 0;
    }

    /// <summary>Whether the lengths of the flow just counted are wanted, besides; then they go to the groups.</summary>
    public readonly bool WantsLengths => _isGrouped && groups.Kind == GroupKind.Protocols;

    /// <summary>Takes the row of the flow that it <see cref="Wants"/>.</summary>
    public void OfferWanted(ref readonly FlowRow row)
    {
        if (!_isGrouped)
            groups.Add(in row);
        _top.Offer(in row);
    }

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
