using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static Tmds.Linux.LibC;
using static XdpTop.Native.GenericNetlink;
using static XdpTop.Native.Netdev;
using static XdpTop.Native.Netlink;

namespace XdpTop.Capture;

/// <summary>What a driver can do of XDP, by the kernel's generic netlink family "netdev" (from Linux 6.3 on).</summary>
/// <param name="Native">XDP in the driver, and redirecting from there.</param>
/// <param name="ZeroCopy">AF_XDP without copying.</param>
/// <param name="MultiBuffer">XDP in the driver on frames of several buffers, as jumbo frames are.</param>
internal readonly record struct XdpFeatures(bool Native, bool ZeroCopy, bool MultiBuffer = false)
{
    private const int MessageOctets = 8192; // netlink(7): the kernel's messages are no longer
    private const int HeaderOctets = 16 + 4; // nlmsghdr, genlmsghdr

    /// <summary>Null where the kernel does not tell.</summary>
    public static XdpFeatures? Of(int interfaceIndex)
    {
        byte[] name = [.. Encoding.ASCII.GetBytes(NETDEV_FAMILY_NAME), 0];
        if (Ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, name, CTRL_ATTR_FAMILY_ID) is not { Length: >= sizeof(ushort) } family)
            return null;
        byte[] index = BitConverter.GetBytes(interfaceIndex);
        ushort type = BitConverter.ToUInt16(family);
        if (Ask(type, NETDEV_CMD_DEV_GET, NETDEV_A_DEV_IFINDEX, index, NETDEV_A_DEV_XDP_FEATURES) is not { Length: >= sizeof(ulong) } features)
            return null;
        ulong bits = BitConverter.ToUInt64(features);
        ulong native = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT;
        return new XdpFeatures((bits & native) == native, (bits & NETDEV_XDP_ACT_XSK_ZEROCOPY) != 0, (bits & NETDEV_XDP_ACT_RX_SG) != 0);
    }

    /// <summary>Sends a request with one attribute; gives the value of one of the answer's, null if there is none.</summary>
    private static unsafe byte[]? Ask(ushort type, byte command, ushort attribute, byte[] value, ushort wanted)
    {
        Span<byte> message = stackalloc byte[MessageOctets];
        int length = HeaderOctets + sizeof(nlattr) + value.Length;
        nlmsghdr header = new() { nlmsg_len = (uint)length, nlmsg_type = type, nlmsg_flags = NLM_F_REQUEST, nlmsg_seq = 1 };
        MemoryMarshal.Write(message, in header);
        MemoryMarshal.Write(message[sizeof(nlmsghdr)..], new genlmsghdr { cmd = command, version = 1 });
        MemoryMarshal.Write(message[HeaderOctets..], new nlattr { nla_len = (ushort)(sizeof(nlattr) + value.Length), nla_type = attribute });
        value.CopyTo(message[(HeaderOctets + sizeof(nlattr))..]);
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
        if (fd < 0)
            return null;
        fixed (byte* buffer = message)
        {
            long received = send(fd, buffer, length, 0) < 0 ? -1 : (long)recv(fd, buffer, message.Length, 0);
            _ = close(fd);
            return received < HeaderOctets || MemoryMarshal.Read<nlmsghdr>(message).nlmsg_type != type
                ? null
                : Find(message[HeaderOctets..(int)received], wanted);
        }
    }

    /// <summary>The value of an attribute; null if it is not there.</summary>
    private static byte[]? Find(ReadOnlySpan<byte> attributes, ushort wanted)
    {
        while (attributes.Length >= Unsafe.SizeOf<nlattr>())
        {
            nlattr header = MemoryMarshal.Read<nlattr>(attributes);
            if (header.nla_len < Unsafe.SizeOf<nlattr>() || header.nla_len > attributes.Length)
                return null;
            if (header.nla_type == wanted)
                return attributes[Unsafe.SizeOf<nlattr>()..header.nla_len].ToArray();
            int padded = (header.nla_len + NLMSG_ALIGNTO - 1) & -NLMSG_ALIGNTO;
            attributes = attributes[Math.Min(padded, attributes.Length)..];
        }
        return null;
    }
}
