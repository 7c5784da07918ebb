using XdpTop.Flows;

namespace XdpTop.Monitoring;

/// <summary>Reads live flows with their rates from all flow caches, for one snapshot after the other. Snapshot thread only.</summary>
internal sealed class FlowReader : IDisposable
{
    private readonly ITrafficSource _source;
    private readonly FlowCache[] _caches;
    private readonly FlowRates[] _rates;
    private bool _isMean;
    private bool _isNewInterval;
    private double _seconds;
    private SnapshotRequest _request = SnapshotRequest.Default;

    public FlowReader(ITrafficSource source)
    {
        _source = source;
        _caches = [.. source.FlowCaches];
        Capacities = [.. _caches.Select(cache => cache.Capacity)];
        _rates = [.. _caches.Select(cache => new FlowRates(cache.Capacity))];
    }

    /// <summary>Has to see every flow, while it <see cref="FlowWatch.IsWatching"/>.</summary>
    public FlowWatch Watch { get; } = new();

    /// <summary>Flow caches: the same from the first snapshot to the last.</summary>
    public int Caches => _caches.Length;

    /// <summary>Begins a snapshot.</summary>
    /// <param name="newInterval">Whether rates are to be over the time until now, or as they were.</param>
    /// <param name="seconds">Since the snapshot before; 0 for the first.</param>
    /// <param name="request">Says which conversation is watched, and when counts are set back.</param>
    public void Begin(bool newInterval, double seconds, SnapshotRequest request)
    {
        Watch.Begin(request.Watched);
        foreach (FlowRates rates in _rates)
            rates.IsResetting = request.Resets != _request.Resets;
        _request = request;
        _isMean = _source.IsFinished;
        _isNewInterval = newInterval;
        _seconds = seconds;
    }

    /// <summary>The slots of each of them.</summary>
    public int[] Capacities { get; }

    /// <summary>No flow of this cache is at this slot or above.</summary>
    public int SlotsInUse(int cache) => _caches[cache].SlotsInUse;

    /// <summary>
    /// Reads a flow, once in a snapshot; false where there is none. What of it is not counts can be read by
    /// <see cref="TryReadAgain"/>.
    /// </summary>
    public bool TryReadCounts(FlowPlace place, ref FlowCounts counts, out FlowRate rate) => TryReadCounts(place, isAgain: false, ref counts, out rate);

    /// <summary>Reads a flow that was read before in this snapshot; false where it has gone.</summary>
    public bool TryReadCountsAgain(FlowPlace place, ref FlowCounts counts, out FlowRate rate) => TryReadCounts(place, isAgain: true, ref counts, out rate);

    /// <summary>Reads a flow's packets by length; false where there is none.</summary>
    public bool TryReadLengths(FlowPlace place, ref LengthHistogram lengths) => _caches[place.Cache].TryReadLengths(place.Slot, ref lengths);

    /// <summary>Shannon's entropy of the payload of a flow's record; null where bytes are not counted, or there is no flow.</summary>
    public double? ReadEntropy(FlowPlace place)
    {
        FlowCache cache = _caches[place.Cache];
        ByteDistribution distribution = default;
        return cache.CountsBytes && cache.TryReadDistribution(place.Slot, ref distribution) ? ByteDistribution.Entropy(distribution) : null;
    }

    /// <summary>Reads a flow, once in a snapshot; false where there is none.</summary>
    public bool TryRead(FlowPlace place, ref FlowRow row) => TryRead(place, isAgain: false, ref row);

    /// <summary>Reads a flow that was read before in this snapshot; false where it has gone.</summary>
    public bool TryReadAgain(FlowPlace place, ref FlowRow row) => TryRead(place, isAgain: true, ref row);

    public void Dispose()
    {
        foreach (FlowRates rates in _rates)
            rates.Dispose();
    }

    private bool TryReadCounts(FlowPlace place, bool isAgain, ref FlowCounts counts, out FlowRate rate)
    {
        rate = default;
        if (!_caches[place.Cache].TryReadCounts(place.Slot, ref counts))
            return false;
        ReadRate(place, isAgain, in counts, out rate);
        return true;
    }

    private bool TryRead(FlowPlace place, bool isAgain, ref FlowRow row)
    {
        if (!_caches[place.Cache].TryRead(place.Slot, ref row.Record))
            return false;
        ReadRate(place, isAgain, FlowCounts.Of(in row.Record), out FlowRate rate);
        row.Rate = rate;
        row.Place = place;
        return true;
    }

    private void ReadRate(FlowPlace place, bool isAgain, in FlowCounts counts, out FlowRate rate)
    {
        if (_isMean)
            _rates[place.Cache].Mean(place.Slot, in counts, out rate);
        else if (_isNewInterval && !isAgain)
            _rates[place.Cache].Update(place.Slot, in counts, _seconds, out rate);
        else
            _rates[place.Cache].Recall(place.Slot, in counts, out rate);
    }
}
