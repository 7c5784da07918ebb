using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using XdpTop.Memory;
using XdpTop.Packets;

namespace XdpTop.Flows;

/// <summary>
/// Remembers the protocol and ports of first fragments, so that later fragments, which lack them, are counted to the same flow. Fixed
/// room, each fragmented packet at one of two places by its hash; a newer packet takes the older's place. Worker thread only.
/// </summary>
internal sealed unsafe class FragmentTable : IDisposable
{
    private const int Places = 4096;

    /// <summary>The time that hosts themselves keep fragments (Linux: ipfrag_time, 30 s).</summary>
    private const long Lifetime = 30_000_000_000; // ns

    private readonly MappedMemory _memory = MappedMemory.Allocate((nuint)(Places * sizeof(Entry)), "the fragment table");
    private readonly Entry* _entries;
    private readonly uint _seed;

    public FragmentTable(uint seed)
    {
        _entries = (Entry*)_memory.Pointer;
        _seed = seed;
    }

    /// <summary>Later fragments whose first one was not seen: metered with ports 0.</summary>
    public ulong Unresolved { get; private set; }

    /// <summary>Notes a first fragment; gives a later one its ports. To be called for fragments only.</summary>
    public void Resolve(ref ParsedPacket packet)
    {
        Identity identity = Identity.Of(in packet);
        uint hash = Murmur3.Hash(identity.Bytes, _seed);
        Entry* one = _entries + hash % Places;
        Entry* two = _entries + (hash / Places) % Places;
        Entry* found = one->IsOf(in identity, packet.Timestamp) ? one
            : two->IsOf(in identity, packet.Timestamp) ? two
            : null;
        if (packet.Fragment == FragmentPart.First)
        {
            Entry* place = found != null ? found : one->Time <= two->Time ? one : two;
            place->Identity = identity;
            place->Time = packet.Timestamp;
            place->SourcePort = packet.SourcePort;
            place->DestinationPort = packet.DestinationPort;
            place->Protocol = packet.Protocol;
        }
        else if (found != null)
        {
            packet.Protocol = found->Protocol;
            packet.SourcePort = found->SourcePort;
            packet.DestinationPort = found->DestinationPort;
        }
        else
        {
            Unresolved++;
        }
    }

    public void Dispose() => _memory.Dispose();

    // What the fragments of one packet have in common (RFC 791 section 2.3, RFC 8200 section 4.5), VLANs added.
    private struct Identity
    {
        private FlowKey _key; // ports 0
        private uint _id;

        [UnscopedRef]
        public readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in this, 1));

        public static Identity Of(ref readonly ParsedPacket packet)
        {
            Identity identity = new() { _key = FlowKey.Of(in packet), _id = packet.FragmentId };
            identity._key.SourcePort = 0;
            identity._key.DestinationPort = 0;
            // RFC 8200 section 4.5: the next header may differ between fragments, and the first one's counts.
            if (packet.IpVersion != 4)
                identity._key.Protocol = 0;
            return identity;
        }

        public readonly bool Equals(ref readonly Identity other) => _id == other._id && _key.Equals(other._key);
    }

    private struct Entry
    {
        public Identity Identity;
        public long Time;
        public ushort SourcePort;
        public ushort DestinationPort;
        public byte Protocol;

        public readonly bool IsOf(ref readonly Identity identity, long time) =>
            time - Time < Lifetime && Identity.Equals(in identity); // an unused place has no IP version
    }
}
