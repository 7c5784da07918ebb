using System.Numerics;
using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>Takes Flow Records; the two of a Biflow stand beside each other, the forward direction first, and are never parted.</summary>
internal delegate void RecordSink(ReadOnlySpan<FlowRecord> records);

/// <summary>
/// Joins ended Flow Records to Biflows (RFC 5103): a record waits for its reverse direction, and goes on alone when that
/// does not come in time, or when room is needed: then the one that has waited longest goes. Every record that comes in
/// goes out once. Used by the exporter thread; takes its memory at the start and allocates nothing after.
/// </summary>
internal sealed class BiflowPairing
{
    /// <summary>
    /// Records whose times are farther apart are not of one conversation: an answer takes a moment, while ports that are
    /// used again rest longer.
    /// </summary>
    public const long MaximumGap = 5_000_000_000; // ns

    /// <summary>Records that are compared before one is held to have no reverse: others of its own conversation, as a rule.</summary>
    private const int MostSteps = 16;

    private const int BufferSize = 512;
    private const int None = -1;

    private readonly RecordSink _deliver;
    private readonly long _patience;
    private readonly FlowRecord[] _records;
    private readonly Place[] _places;
    private readonly Chain[] _buckets; // each in the order of arrival
    private readonly FlowRecord[] _out = new FlowRecord[BufferSize];
    private Chain _waiting = Chain.Empty; // all, in the order of arrival
    private int _free;
    private int _outCount;
    private long _recordTime = long.MinValue;
    private ulong _uniflows;
    private ulong _biflows;

    /// <param name="capacity">Records that can wait.</param>
    /// <param name="patience">How long each waits.</param>
    /// <param name="deliver">Gets what goes out, by the end of the call that lets it go.</param>
    public BiflowPairing(int capacity, TimeSpan patience, RecordSink deliver)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _deliver = deliver;
        _patience = (long)Math.Min(patience.TotalSeconds * 1e9, long.MaxValue / 2);
        _records = new FlowRecord[capacity];
        _places = new Place[capacity];
        for (int i = 0; i < capacity; i++)
            _places[i].NextInBucket = i + 1 < capacity ? i + 1 : None; // free places are a chain, too
        _buckets = new Chain[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        Array.Fill(_buckets, Chain.Empty);
    }

    /// <summary>Records that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Records that went out alone. Any thread may ask.</summary>
    public ulong Uniflows => Volatile.Read(ref _uniflows);

    /// <summary>Pairs that went out. Any thread may ask.</summary>
    public ulong Biflows => Volatile.Read(ref _biflows);

    /// <summary>Takes records; no more than two go out for each.</summary>
    /// <param name="now">Nanoseconds on a clock that never goes back.</param>
    public void Add(ReadOnlySpan<FlowRecord> records, long now)
    {
        foreach (ref readonly FlowRecord record in records)
            Add(in record, now);
        Deliver();
    }

    /// <summary>Lets records go whose time is over, by this clock or by that of the records; gives how many.</summary>
    /// <param name="most">No more than so many.</param>
    public int Release(long now, int most)
    {
        int released = 0;
        while (released < most && Count > 0 && IsDue(in _places[_waiting.First], now))
        {
            ReleaseFirst();
            released++;
        }
        Deliver();
        return released;
    }

    /// <summary>At the end, when no more can come: lets records go, whether due or not; gives how many.</summary>
    public int ReleaseAll(int most)
    {
        int released = Math.Min(most, Count);
        for (int i = 0; i < released; i++)
            ReleaseFirst();
        Deliver();
        return released;
    }

    // The records' clock is that of a capture file, which is read faster than time goes by.
    private bool IsDue(in Place place, long now) => now - place.Since > _patience || _recordTime - place.SinceRecordTime > _patience;

    private void Add(in FlowRecord record, long now)
    {
        _recordTime = Math.Max(_recordTime, record.End);
        if (!Biflow.TryReverse(in record.Key, out FlowKey reverse))
        {
            SendAlone(in record);
            return;
        }
        uint bucket = Biflow.Hash(in record.Key, record.ObservationPoint) & (uint)(_buckets.Length - 1);
        if (TryFind(bucket, in record, in reverse, out int at, out int before))
        {
            SendPair(in record, in _records[at]);
            Remove(at, before, bucket);
            return;
        }
        if (Count == _records.Length)
            ReleaseFirst();
        Hold(in record, bucket, now);
    }

    /// <summary>The record that has waited longest of those that can be this one's reverse.</summary>
    private bool TryFind(uint bucket, in FlowRecord record, in FlowKey reverse, out int at, out int before)
    {
        before = None;
        at = _buckets[bucket].First;
        for (int steps = 0; at != None && steps < MostSteps; steps++)
        {
            ref readonly FlowRecord candidate = ref _records[at];
            if (candidate.ObservationPoint == record.ObservationPoint
                && Math.Max(record.Start, candidate.Start) - Math.Min(record.End, candidate.End) <= MaximumGap
                && Biflow.AreSame(in candidate.Key, in reverse))
                return true;
            before = at;
            at = _places[at].NextInBucket;
        }
        return false;
    }

    private void Hold(in FlowRecord record, uint bucket, long now)
    {
        int at = _free;
        ref Place place = ref _places[at];
        _free = place.NextInBucket;
        _records[at] = record;
        place = new Place
        {
            Since = now, SinceRecordTime = _recordTime, Bucket = bucket, NextInBucket = None, Next = None, Previous = _waiting.Last,
        };
        ref Chain chain = ref _buckets[bucket];
        if (chain.Last == None)
            chain.First = at;
        else
            _places[chain.Last].NextInBucket = at;
        chain.Last = at;
        if (_waiting.Last == None)
            _waiting.First = at;
        else
            _places[_waiting.Last].Next = at;
        _waiting.Last = at;
        Count++;
    }

    /// <summary>Lets the one go that has waited longest.</summary>
    private void ReleaseFirst()
    {
        int at = _waiting.First;
        SendAlone(in _records[at]);
        Remove(at, None, _places[at].Bucket); // no other of its bucket has waited longer
    }

    private void Remove(int at, int beforeInBucket, uint bucket)
    {
        ref Place place = ref _places[at];
        ref Chain chain = ref _buckets[bucket];
        if (beforeInBucket == None)
            chain.First = place.NextInBucket;
        else
            _places[beforeInBucket].NextInBucket = place.NextInBucket;
        if (chain.Last == at)
            chain.Last = beforeInBucket;
        if (place.Previous == None)
            _waiting.First = place.Next;
        else
            _places[place.Previous].Next = place.Next;
        if (place.Next == None)
            _waiting.Last = place.Previous;
        else
            _places[place.Next].Previous = place.Previous;
        place.NextInBucket = _free;
        _free = at;
        Count--;
    }

    private void SendAlone(in FlowRecord record)
    {
        MakeRoom(1);
        _out[_outCount++] = record;
        Volatile.Write(ref _uniflows, _uniflows + 1);
    }

    private void SendPair(in FlowRecord one, in FlowRecord other)
    {
        MakeRoom(2);
        bool isForward = Biflow.IsForward(in one, in other);
        _out[_outCount] = isForward ? one : other;
        _out[_outCount].HasReverse = true;
        _out[_outCount + 1] = isForward ? other : one;
        _outCount += 2;
        Volatile.Write(ref _biflows, _biflows + 1);
    }

    private void MakeRoom(int records)
    {
        if (_outCount + records > _out.Length)
            Deliver();
    }

    private void Deliver()
    {
        if (_outCount > 0)
            _deliver(_out.AsSpan(0, _outCount));
        _outCount = 0;
    }

    /// <summary>What belongs to a record that waits; indexes are into the places, or <see cref="None"/>.</summary>
    private struct Place
    {
        public long Since;
        public long SinceRecordTime;
        public uint Bucket;
        public int NextInBucket;
        public int Next;
        public int Previous;
    }

    private struct Chain
    {
        public static readonly Chain Empty = new() { First = None, Last = None };

        public int First;
        public int Last;
    }
}
