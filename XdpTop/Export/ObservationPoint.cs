namespace XdpTop.Export;

/// <summary>
/// Where flows are seen (RFC 5470 section 2): an interface, or a capture file. A Flow Record has the number of its own
/// in the list of them that an Exporting Process is given.
/// </summary>
/// <param name="Name">The interface's name.</param>
/// <param name="Index">The interface's ifIndex; 0 for a capture file.</param>
internal sealed record ObservationPoint(string Name, uint Index)
{
    /// <summary>Another one when the interface has gone and come back. Any thread may read it, one sets it.</summary>
    public uint Index { get; set => Volatile.Write(ref field, value); } = Index;

    /// <summary>What its owner says of the interface: the kernel's ifalias; empty if nothing.</summary>
    public string Description { get; init; } = "";
}
