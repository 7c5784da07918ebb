namespace XdpTop.Monitoring;

/// <summary>The groups that a flow counts for: their places in the <see cref="GroupTable"/>, counted from 1.</summary>
/// <param name="Sent">The one that sends its packets; or <see cref="None"/> or <see cref="NoRoom"/>.</param>
/// <param name="Received">The one that receives them, likewise.</param>
internal readonly record struct GroupPair(int Sent, int Received)
{
    /// <summary>There is no such group.</summary>
    public const int None = 0;

    /// <summary>There is one, but no room for it.</summary>
    public const int NoRoom = -1;

    /// <summary>Whether there are any, and all have found room.</summary>
    public bool IsWhole => Sent >= 0 && Received >= 0 && Sent + Received > 0;

    public int WithoutRoom => (Sent == NoRoom ? 1 : 0) + (Received == NoRoom ? 1 : 0);
}
