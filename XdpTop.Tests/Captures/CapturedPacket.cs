namespace XdpTop.Tests.Captures;

/// <param name="Bytes">What was captured of the frame.</param>
/// <param name="WireOctets">Its length on the wire.</param>
/// <param name="Timestamp">Nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Malformed">Made so that its headers contradict themselves (and captured whole).</param>
internal sealed record CapturedPacket(byte[] Bytes, uint WireOctets, long Timestamp, bool Malformed);
