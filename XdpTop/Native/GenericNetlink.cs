using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>linux/genetlink.h, C names kept: kernel interfaces ("families") that are found by their names.</summary>
internal static class GenericNetlink
{
    /// <summary>nlmsghdr.nlmsg_type of the family that knows the others.</summary>
    public const ushort GENL_ID_CTRL = 16;

    public const byte CTRL_CMD_GETFAMILY = 3;
    public const ushort CTRL_ATTR_FAMILY_ID = 1;
    public const ushort CTRL_ATTR_FAMILY_NAME = 2;

    /// <summary>After the nlmsghdr, before the attributes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct genlmsghdr
    {
        public byte cmd;
        public byte version;
        public ushort reserved;
    }
}
