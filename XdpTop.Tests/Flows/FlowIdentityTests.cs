using XdpTop.Flows;
using XdpTop.Packets;

namespace XdpTop.Tests.Flows;

public sealed class FlowIdentityTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Flows_that_differ_in_any_part_of_the_key_or_in_their_start_have_other_numbers()
    {
        List<FlowKey> keys = [];
        foreach (byte version in (byte[])[4, 6])
        {
            FlowKey key = new() { IpVersion = version, Protocol = 6, Source = IpAddress.Parse("2001:db8::1"), Destination = IpAddress.Parse("2001:db8::2") };
            keys.Add(key);
            for (int i = 0; i < (version == 4 ? 4 : 16); i++)
            {
                byte[] address = key.Source.Bytes(6).ToArray();
                address[i] ^= 0x40;
                keys.Add(key with { Source = IpAddress.FromBytes(address) });
                keys.Add(key with { Destination = IpAddress.FromBytes(address) });
            }
            keys.Add(key with { SourcePort = 1 });
            keys.Add(key with { DestinationPort = 1 });
            keys.Add(key with { OuterVlan = 1 });
            keys.Add(key with { InnerVlan = 1 });
            keys.Add(key with { Protocol = 17 });
            keys.Add(key with { Direction = 1 });
        }
        Assert.Equal(2 * keys.Count, keys.SelectMany(key => (ulong[])[FlowIdentity.Common.Of(in key, Second), FlowIdentity.Common.Of(in key, Second + 1)]).Distinct().Count());
    }

    [Fact]
    public void A_flow_has_the_same_number_in_the_cache_and_outside()
    {
        using FlowRecordQueue ended = new(64);
        using FlowCache cache = new(new FlowCacheOptions { Capacity = 500 }, ended);
        Random random = new(3);
        for (int i = 0; i < 500; i++)
        {
            byte[] addresses = new byte[32];
            random.NextBytes(addresses);
            byte version = (byte)(i % 2 == 0 ? 4 : 6);
            int length = version == 4 ? 4 : 16;
            cache.Meter(
            [
                new ParsedPacket
                {
                    IpVersion = version, Protocol = 17, SourcePort = (ushort)i, IpOctets = 100, Timestamp = Second + i,
                    Source = IpAddress.FromBytes(addresses.AsSpan(0, length)), Destination = IpAddress.FromBytes(addresses.AsSpan(16, length)),
                },
            ]);
        }
        FlowRecord record = default;
        FlowCounts counts = default;
        for (int slot = 0; slot < 500; slot++)
        {
            Assert.True(cache.TryRead(slot, ref record) && cache.TryReadCounts(slot, ref counts));
            Assert.Equal(FlowIdentity.Common.Of(in record.Key, record.Start), counts.Identity);
            Assert.Equal(FlowCounts.Of(in record), counts);
        }
    }
}
