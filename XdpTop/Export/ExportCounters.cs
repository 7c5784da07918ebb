namespace XdpTop.Export;

/// <summary>Counts of Flow Records: the exporter thread writes them, any thread reads them.</summary>
internal sealed class ExportCounters
{
    private ulong _sent;
    private ulong _lost;

    public ulong Sent => Volatile.Read(ref _sent);

    public ulong Lost => Volatile.Read(ref _lost);

    public void AddSent(int records) => Volatile.Write(ref _sent, _sent + (ulong)records);

    public void AddLost(int records) => Volatile.Write(ref _lost, _lost + (ulong)records);

    /// <summary>Records counted as sent turned out to be lost.</summary>
    public void MoveToLost(int records)
    {
        Volatile.Write(ref _sent, _sent - (ulong)records);
        AddLost(records);
    }
}
