using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace XdpTop.Native;

/// <summary>
/// The system's libbpf (libbpf.so.1), C names kept. Pointer functions give null with errno set, int functions −errno
/// (libbpf 1.x, LIBBPF_STRICT_ALL). The library is loaded at the first call, so that what needs no BPF runs without it.
/// </summary>
internal static unsafe partial class Libbpf
{
    private const string Library = "libbpf.so.1";

    public const int BPF_ANY = 0;

    /// <summary>enum bpf_map_type.</summary>
    public const int BPF_MAP_TYPE_RINGBUF = 27;

    /// <summary>enum bpf_attach_type.</summary>
    public const int BPF_XDP = 37;

    /// <summary>prog_flags: an XDP program that takes frames of several buffers. Linux 5.18.</summary>
    public const uint BPF_F_XDP_HAS_FRAGS = 1 << 5;

    /// <summary>Bits of what stands before a record in a BPF ring buffer.</summary>
    public const uint BPF_RINGBUF_BUSY_BIT = 1u << 31;
    public const uint BPF_RINGBUF_DISCARD_BIT = 1u << 30;
    public const int BPF_RINGBUF_HDR_SZ = 8;

    /// <summary>enum bpf_tc_attach_point.</summary>
    public const int BPF_TC_INGRESS = 1 << 0;
    public const int BPF_TC_EGRESS = 1 << 1;

    /// <summary>linux/bpf.h: flag of a test run whose frames are sent indeed.</summary>
    public const uint BPF_F_TEST_XDP_LIVE_FRAMES = 1 << 1;

    /// <summary>enum libbpf_print_level.</summary>
    public const int LIBBPF_WARN = 0;

    // struct bpf_object *bpf_object__open_mem(const void *obj_buf, size_t obj_buf_sz, const struct bpf_object_open_opts *opts);
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_object__open_mem(byte* obj_buf, nuint obj_buf_sz, void* opts);

    // int bpf_object__load(struct bpf_object *obj);
    [LibraryImport(Library)]
    public static partial int bpf_object__load(nint obj);

    // void bpf_object__close(struct bpf_object *obj);
    [LibraryImport(Library)]
    public static partial void bpf_object__close(nint obj);

    // struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *obj, const char *name);
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_map_by_name(nint obj, string name);

    // int bpf_map__set_max_entries(struct bpf_map *map, __u32 max_entries);
    [LibraryImport(Library)]
    public static partial int bpf_map__set_max_entries(nint map, uint max_entries);

    // int bpf_map_create(enum bpf_map_type map_type, const char *map_name, __u32 key_size, __u32 value_size, __u32 max_entries, const struct bpf_map_create_opts *opts);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_map_create(int map_type, string map_name, uint key_size, uint value_size, uint max_entries, void* opts);

    // int bpf_map__fd(const struct bpf_map *map);
    [LibraryImport(Library)]
    public static partial int bpf_map__fd(nint map);

    // struct bpf_program *bpf_object__find_program_by_name(const struct bpf_object *obj, const char *name);
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_program_by_name(nint obj, string name);

    // __u32 bpf_program__flags(const struct bpf_program *prog);
    [LibraryImport(Library)]
    public static partial uint bpf_program__flags(nint prog);

    // int bpf_program__set_flags(struct bpf_program *prog, __u32 flags);
    [LibraryImport(Library)]
    public static partial int bpf_program__set_flags(nint prog, uint flags);

    // int bpf_program__fd(const struct bpf_program *prog);
    [LibraryImport(Library)]
    public static partial int bpf_program__fd(nint prog);

    // int bpf_link_create(int prog_fd, int target_fd, enum bpf_attach_type attach_type, const struct bpf_link_create_opts *opts);
    [LibraryImport(Library)]
    public static partial int bpf_link_create(int prog_fd, int target_fd, int attach_type, bpf_link_create_opts* opts);

    // int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags);
    [LibraryImport(Library)]
    public static partial int bpf_map_update_elem(int fd, void* key, void* value, ulong flags);

    // int bpf_map_lookup_elem(int fd, const void *key, void *value);
    [LibraryImport(Library)]
    public static partial int bpf_map_lookup_elem(int fd, void* key, void* value);

    // int bpf_xdp_query(int ifindex, int flags, struct bpf_xdp_query_opts *opts);
    [LibraryImport(Library)]
    public static partial int bpf_xdp_query(int ifindex, int flags, bpf_xdp_query_opts* opts);

    // int bpf_tc_hook_create(struct bpf_tc_hook *hook);
    [LibraryImport(Library)]
    public static partial int bpf_tc_hook_create(bpf_tc_hook* hook);

    // int bpf_tc_hook_destroy(struct bpf_tc_hook *hook);
    [LibraryImport(Library)]
    public static partial int bpf_tc_hook_destroy(bpf_tc_hook* hook);

    // int bpf_tc_attach(const struct bpf_tc_hook *hook, struct bpf_tc_opts *opts);
    [LibraryImport(Library)]
    public static partial int bpf_tc_attach(bpf_tc_hook* hook, bpf_tc_opts* opts);

    // int bpf_tc_detach(const struct bpf_tc_hook *hook, const struct bpf_tc_opts *opts);
    [LibraryImport(Library)]
    public static partial int bpf_tc_detach(bpf_tc_hook* hook, bpf_tc_opts* opts);

    // int bpf_tc_query(const struct bpf_tc_hook *hook, struct bpf_tc_opts *opts);
    [LibraryImport(Library)]
    public static partial int bpf_tc_query(bpf_tc_hook* hook, bpf_tc_opts* opts);

    // int bpf_prog_get_fd_by_id(__u32 id);
    [LibraryImport(Library)]
    public static partial int bpf_prog_get_fd_by_id(uint id);

    // int bpf_obj_get_info_by_fd(int bpf_fd, void *info, __u32 *info_len);
    [LibraryImport(Library)]
    public static partial int bpf_obj_get_info_by_fd(int bpf_fd, void* info, uint* info_len);

    // int bpf_prog_test_run_opts(int prog_fd, struct bpf_test_run_opts *opts);
    [LibraryImport(Library)]
    public static partial int bpf_prog_test_run_opts(int prog_fd, bpf_test_run_opts* opts);

    // int libbpf_num_possible_cpus(void);
    [LibraryImport(Library)]
    public static partial int libbpf_num_possible_cpus();

    // typedef int (*libbpf_print_fn_t)(enum libbpf_print_level level, const char *, va_list ap);
    // libbpf_print_fn_t libbpf_set_print(libbpf_print_fn_t fn);
    [LibraryImport(Library)]
    public static partial nint libbpf_set_print(delegate* unmanaged<int, byte*, nint, int> fn);

    /// <summary>struct bpf_link_create_opts (bpf/bpf.h); <see cref="sz"/> tells libbpf which fields are there.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct bpf_link_create_opts
    {
        public nuint sz;
        public uint flags;
        public void* iter_info;
        public uint iter_info_len;
        public uint target_btf_id;
    }

    /// <summary>struct bpf_xdp_query_opts (bpf/libbpf.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct bpf_xdp_query_opts
    {
        public nuint sz;
        public uint prog_id;
        public uint drv_prog_id;
        public uint hw_prog_id;
        public uint skb_prog_id;
        public byte attach_mode;
    }

    /// <summary>struct bpf_tc_hook (bpf/libbpf.h): where on an interface.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct bpf_tc_hook
    {
        public nuint sz;
        public int ifindex;
        public int attach_point;
        public uint parent;
    }

    /// <summary>struct bpf_tc_opts (bpf/libbpf.h): a filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct bpf_tc_opts
    {
        public nuint sz;
        public int prog_fd;
        public uint flags;
        public uint prog_id;
        public uint handle;
        public uint priority;
    }

    /// <summary>struct bpf_test_run_opts (bpf/bpf.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct bpf_test_run_opts
    {
        public nuint sz;
        public void* data_in;
        public void* data_out;
        public uint data_size_in;
        public uint data_size_out;
        public void* ctx_in;
        public void* ctx_out;
        public uint ctx_size_in;
        public uint ctx_size_out;
        public uint retval;
        public int repeat;
        public uint duration;
        public uint flags;
        public uint cpu;
        public uint batch_size;
    }

    /// <summary>The first fields of struct bpf_link_info (linux/bpf.h), of a link to an interface.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public struct bpf_link_info
    {
        [FieldOffset(0)] public uint type;
        [FieldOffset(4)] public uint id;
        [FieldOffset(8)] public uint prog_id;

        /// <summary>A struct of one field, ifindex, which a tcx link has at the same place: 0 when it is attached no more.</summary>
        [FieldOffset(16)] public uint xdp;
    }

    /// <summary>The first fields of struct bpf_prog_info (linux/bpf.h), up to the program's name.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 80)]
    public struct bpf_prog_info
    {
        [FieldOffset(0)] public uint type;
        [FieldOffset(4)] public uint id;
        [FieldOffset(64)] public prog_name name;
    }

    /// <summary>char name[BPF_OBJ_NAME_LEN], NUL-terminated.</summary>
    [InlineArray(16)]
    public struct prog_name
    {
        private byte _first;
    }
}
