using System.Runtime.InteropServices;
using XdpTop.Native;

namespace XdpTop.Tests.Native;

/// <summary>What Native/ declares by hand is what the headers declare.</summary>
public sealed class AbiTests
{
    /// <summary>Where each class of Native/ that declares structs or constants has them from.</summary>
    private static readonly Dictionary<string, string[]> s_headers = new()
    {
        [nameof(Libbpf)] = ["bpf/bpf.h", "bpf/libbpf.h", "linux/bpf.h"],
        [nameof(IfXdp)] = ["sys/socket.h", "linux/if_xdp.h", "linux/if_link.h"],
        [nameof(Capabilities)] = ["linux/capability.h"],
        [nameof(Netlink)] = ["linux/netlink.h"],
        [nameof(RtNetlink)] = ["linux/if.h", "linux/rtnetlink.h", "linux/if_link.h", "linux/veth.h", "linux/pkt_sched.h"],
        [nameof(NetIf)] = ["net/if.h", "net/if_arp.h", "linux/sockios.h"],
        [nameof(IfAddrs)] = ["ifaddrs.h"],
        [nameof(Ethtool)] = ["linux/ethtool.h"],
        [nameof(GenericNetlink)] = ["linux/genetlink.h"],
        [nameof(Errno)] = ["errno.h"],
        [nameof(SocketOptions)] = ["sys/socket.h"],
        [nameof(SysSocket)] = ["sys/socket.h"],
        [nameof(Stat)] = ["linux/stat.h", "linux/fcntl.h"],
        [nameof(Mman)] = ["sys/mman.h", "linux/mman.h"],
        [nameof(Netdb)] = ["netdb.h"],
        [nameof(SysResource)] = ["sys/resource.h"],
    };

    /// <summary>
    /// Structs of which C# has the first fields only. Those of libbpf begin with their size, so that libbpf knows
    /// which fields are there, and may grow; the kernel gives of others as much as there is room for.
    /// </summary>
    private static readonly HashSet<string> s_prefixes =
    [
        nameof(Stat.statx),
        nameof(IfAddrs.ifaddrs),
        nameof(Libbpf.bpf_prog_info),
        nameof(Libbpf.bpf_link_info),
        nameof(Libbpf.bpf_link_create_opts),
        nameof(Libbpf.bpf_xdp_query_opts),
        nameof(Libbpf.bpf_tc_hook),
        nameof(Libbpf.bpf_tc_opts),
        nameof(Libbpf.bpf_test_run_opts),
        nameof(RtNetlink.rtnl_link_stats64),
    ];

    public static TheoryData<string> Declaring() =>
        [.. typeof(IfXdp).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(IfXdp).Namespace && !t.IsNested)
            .Where(t => AbiChecker.Constants(t).Any() || AbiChecker.Structs(t).Any())
            .Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Declaring))]
    public void Structs_and_constants_are_as_in_the_headers(string name)
    {
        Type type = typeof(IfXdp).Assembly.GetType($"{typeof(IfXdp).Namespace}.{name}")!;
        Assert.Equal("", AbiChecker.Compile(AbiChecker.Source(type, HeadersOf(name), s_prefixes)));
    }

    [Fact]
    public void A_class_without_headers_is_found() =>
        Assert.Contains(
            "name its headers in this test",
            Assert.ThrowsAny<Exception>(() => HeadersOf("NewHeader")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Every_struct_is_declared_inside_the_class_of_its_header() =>
        Assert.DoesNotContain(
            typeof(IfXdp).Assembly.GetTypes(),
            t => t.Namespace == typeof(IfXdp).Namespace && t is { IsNested: false, IsValueType: true });

    [Fact]
    public void A_wrong_declaration_is_found()
    {
        string errors = AbiChecker.Compile(AbiChecker.Source(typeof(Wrong), ["linux/if_xdp.h"], new HashSet<string>()));
        Assert.Contains("XDP_RX_RING is 3 in C#", errors, StringComparison.Ordinal);
        Assert.Contains("offset of sockaddr_xdp.sxdp_flags is 4 in C#", errors, StringComparison.Ordinal);
        Assert.Contains("size of sockaddr_xdp.sxdp_flags is 4 in C#", errors, StringComparison.Ordinal);
        Assert.Contains("size of xdp_desc is 24 in C#", errors, StringComparison.Ordinal);
        Assert.Contains("no member named 'no_such_field'", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("XDP_TX_RING is", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("sxdp_ifindex", errors, StringComparison.Ordinal);
    }

    private static string[] HeadersOf(string name)
    {
        Assert.True(s_headers.ContainsKey(name), $"Native/{name}.cs declares structs or constants: name its headers in this test");
        return s_headers[name];
    }

    /// <summary>Two structs and a constant that are not as linux/if_xdp.h has them, and some that are.</summary>
    private static class Wrong
    {
        public const int XDP_RX_RING = 3;
        public const int XDP_TX_RING = 3;

        [StructLayout(LayoutKind.Explicit, Size = 16)]
        public struct sockaddr_xdp
        {
            [FieldOffset(0)] public ushort sxdp_family;
            [FieldOffset(4)] public uint sxdp_flags;
            [FieldOffset(4)] public uint sxdp_ifindex;
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct xdp_desc
        {
            public ulong addr;
            public uint len;
            public uint options;
            public ulong no_such_field;
        }
    }
}
