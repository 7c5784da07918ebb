using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>linux/stat.h: whose a file is, and which, what .NET does not tell; C names kept.</summary>
internal static unsafe partial class Stat
{
    public const uint STATX_BASIC_STATS = 0x7ff;
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const ushort S_IFMT = 0xf000;
    public const ushort S_IFDIR = 0x4000;
    public const ushort S_IFREG = 0x8000;
    public const ushort S_IFIFO = 0x1000;
    public const ushort S_IFCHR = 0x2000;

    /// <summary>Some of its fields.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct statx
    {
        [FieldOffset(0)] public uint stx_mask;
        [FieldOffset(4)] public uint stx_blksize;
        [FieldOffset(8)] public ulong stx_attributes;
        [FieldOffset(16)] public uint stx_nlink;
        [FieldOffset(20)] public uint stx_uid;
        [FieldOffset(24)] public uint stx_gid;
        [FieldOffset(28)] public ushort stx_mode;
        [FieldOffset(32)] public ulong stx_ino;
        [FieldOffset(136)] public uint stx_dev_major;
        [FieldOffset(140)] public uint stx_dev_minor;
    }

    // int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *statxbuf);
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx_of(int dirfd, string pathname, int flags, uint mask, statx* statxbuf);
}
