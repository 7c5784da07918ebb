namespace XdpTop.Native;

/// <summary>
/// Of linux/netdev.h, which came with Linux 6.3, what tells of XDP; C names kept. No constants, which a test compares with
/// the headers: those of older distributions do not have them. The kernel's ABI does not change.
/// https://docs.kernel.org/networking/netlink_spec/netdev.html
/// </summary>
internal static class Netdev
{
    /// <summary>The generic netlink family's name.</summary>
    public static string NETDEV_FAMILY_NAME => "netdev";

    public static byte NETDEV_CMD_DEV_GET => 1;

    public static ushort NETDEV_A_DEV_IFINDEX => 1;

    public static ushort NETDEV_A_DEV_XDP_FEATURES => 3;

    // Bits of NETDEV_A_DEV_XDP_FEATURES.
    public static ulong NETDEV_XDP_ACT_BASIC => 1;

    public static ulong NETDEV_XDP_ACT_REDIRECT => 1 << 1;

    public static ulong NETDEV_XDP_ACT_XSK_ZEROCOPY => 1 << 3;

    public static ulong NETDEV_XDP_ACT_RX_SG => 1 << 5;
}
