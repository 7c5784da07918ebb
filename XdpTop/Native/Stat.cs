using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>linux/stat.h: whose a file is, which .NET does not tell; C names kept.</summary>
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

    [StructLayout(LayoutKind.Sequential, Size = 16)]
    public struct statx_timestamp
    {
        public long tv_sec;
        public uint tv_nsec;
    }

    /// <summary>The first fields.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct statx
    {
        public uint stx_mask;
        public uint stx_blksize;
        public ulong stx_attributes;
        public uint stx_nlink;
        public uint stx_uid;
        public uint stx_gid;
        public ushort stx_mode;
        public ulong stx_ino;
        public ulong stx_size;
        public ulong stx_blocks;
        public ulong stx_attributes_mask;
        public statx_timestamp stx_atime;
        public statx_timestamp stx_btime;
        public statx_timestamp stx_ctime;
        public statx_timestamp stx_mtime;
        public uint stx_rdev_major;
        public uint stx_rdev_minor;
        public uint stx_dev_major;
        public uint stx_dev_minor;
    }

    // int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *statxbuf);
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx_of(int dirfd, string pathname, int flags, uint mask, statx* statxbuf);
}
