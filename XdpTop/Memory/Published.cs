namespace XdpTop.Memory;

/// <summary>
/// A value that one thread writes and any thread reads whole, without a lock: the reader tries again when a write came
/// in between.
/// </summary>
internal sealed class Published<T>
    where T : unmanaged
{
    private uint _sequence; // odd while the value is written
    private T _value;

    /// <summary>The one writer only.</summary>
    public void Write(in T value)
    {
        _sequence++;
        Volatile.WriteBarrier(); // the odd number is seen before any change: pairs with the ReadBarrier in Read
        _value = value;
        Volatile.Write(ref _sequence, _sequence + 1); // release: pairs with the first read in Read
    }

    public T Read()
    {
        SpinWait wait = default;
        while (true)
        {
            uint before = Volatile.Read(ref _sequence); // acquire: pairs with the release in Write
            T value = _value;
            Volatile.ReadBarrier(); // the value is read before the sequence is read again
            if (before == _sequence && (before & 1) == 0)
                return value;
            wait.SpinOnce();
        }
    }
}
