namespace XdpTop.Monitoring;

/// <summary>
/// Hands snapshots from the snapshot thread to one reader (the screen or the batch output), and the reader's wishes
/// back. Neither side ever waits: the reader always gets the newest snapshot, and the writer always has a buffer that
/// the reader does not look at. A snapshot is the reader's until its next <see cref="TryTake"/>.
/// </summary>
internal sealed class SnapshotExchange(int maximumRows)
{
    // Three buffers: one is written, one is read, and one is between the two.
    private TrafficSnapshot _between = new(maximumRows);
    private TrafficSnapshot _reading = new(maximumRows);

    /// <summary>What the reader wants to see. Set by the reader, read by the writer.</summary>
    public SnapshotRequest Request { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); } =
        SnapshotRequest.Default;

    /// <summary>Writer only: the buffer to fill in. It is the writer's until <see cref="Publish"/>.</summary>
    public TrafficSnapshot Writing { get; private set; } = new(maximumRows);

    /// <summary>Writer only: gives <see cref="Writing"/> away and takes the buffer in between in its place.</summary>
    public void Publish()
    {
        long number = Writing.Number = NewestNumber + 1;
        Writing = Interlocked.Exchange(ref _between, Writing);
        NewestNumber = number;
    }

    private long NewestNumber { get; set; }

    /// <summary>Reader only: the newest snapshot; false when it was taken before.</summary>
    public bool TryTake(out TrafficSnapshot snapshot)
    {
        // Should the writer take this very buffer back just now, then it has left a newer one in its place.
        if (Volatile.Read(ref _between).Number > _reading.Number)
        {
            snapshot = _reading = Interlocked.Exchange(ref _between, _reading);
            return true;
        }
        snapshot = _reading;
        return false;
    }
}
