using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static Tmds.Linux.LibC;
using static XdpTop.Native.Netlink;
using static XdpTop.Native.RtNetlink;

namespace XdpTop.Capture;

/// <summary>
/// One request about a link to the kernel, as rtnetlink(7) has it: a header, an ifinfomsg or tcmsg, and attributes, which
/// may hold others. Build it from first to last, then <see cref="Send"/> it.
/// </summary>
internal ref struct RtNetlinkRequest
{
    private const int ErrorOctets = 4096; // the answer to an error holds the request, too

    private readonly Span<byte> _buffer;
    private int _length;

    /// <param name="buffer">Where the message is built: the caller's, with room for all of it.</param>
    /// <param name="type">RTM_…</param>
    /// <param name="flags">NLM_F_… besides those of any request.</param>
    /// <param name="link">The link meant, by its index; index 0: a new one, or one named by an attribute.</param>
    public RtNetlinkRequest(Span<byte> buffer, ushort type, ushort flags, in ifinfomsg link)
        : this(buffer, type, flags) => Append(link);

    /// <param name="buffer">Where the message is built: the caller's, with room for all of it.</param>
    /// <param name="type">RTM_…</param>
    /// <param name="flags">NLM_F_… besides those of any request.</param>
    /// <param name="place">Where in an interface's traffic control.</param>
    public RtNetlinkRequest(Span<byte> buffer, ushort type, ushort flags, in tcmsg place)
        : this(buffer, type, flags) => Append(place);

    private RtNetlinkRequest(Span<byte> buffer, ushort type, ushort flags)
    {
        _buffer = buffer;
        Append(new nlmsghdr { nlmsg_type = type, nlmsg_flags = (ushort)(NLM_F_REQUEST | NLM_F_ACK | flags), nlmsg_seq = 1 });
    }

    public void Attribute(ushort type, string value)
    {
        int start = Begin(type);
        _length += Encoding.UTF8.GetBytes(value, _buffer[_length..]);
        _buffer[_length++] = 0;
        End(start);
    }

    public void Attribute(ushort type, uint value)
    {
        int start = Begin(type);
        Append(value);
        End(start);
    }

    /// <summary>Begins an attribute that holds what is appended until <see cref="End"/>, which takes what this gives.</summary>
    public int Begin(ushort type)
    {
        int start = _length;
        Append(new nlattr { nla_type = type });
        return start;
    }

    public void End(int start)
    {
        MemoryMarshal.AsRef<nlattr>(_buffer[start..]).nla_len = (ushort)(_length - start);
        while (_length % NLMSG_ALIGNTO != 0)
            _buffer[_length++] = 0;
    }

    public void Append<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(_buffer[_length..], in value);
        _length += Unsafe.SizeOf<T>();
    }

    /// <summary>Sends the request and waits for the kernel's answer: 0, or errno.</summary>
    public readonly int Send() => Exchange(stackalloc byte[ErrorOctets], out _);

    /// <summary>Sends a question; gives the first message of the answer, empty if it is an error.</summary>
    public readonly ReadOnlySpan<byte> Ask(Span<byte> answer)
    {
        Exchange(answer, out int length);
        return length > 0 && MemoryMarshal.Read<nlmsghdr>(answer).nlmsg_type != NLMSG_ERROR ? answer[..length] : default;
    }

    /// <summary>Sends a request for a list (NLM_F_DUMP). Whether the list, in as far as there is an answer, begins with this type.</summary>
    public readonly bool HasAny(ushort type)
    {
        Span<byte> answer = stackalloc byte[ErrorOctets];
        Exchange(answer, out int length);
        return length > 0 && MemoryMarshal.Read<nlmsghdr>(answer).nlmsg_type == type;
    }

    private readonly unsafe int Exchange(Span<byte> answer, out int length)
    {
        length = 0;
        MemoryMarshal.AsRef<nlmsghdr>(_buffer).nlmsg_len = (uint)_length;
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        if (fd < 0)
            return errno;
        try
        {
            fixed (byte* request = _buffer)
            fixed (byte* reply = answer)
            {
                if (send(fd, request, _length, 0) < 0)
                    return errno;
                long received = (long)recv(fd, reply, answer.Length, 0);
                if (received < 0)
                    return errno;
                if (received < sizeof(nlmsghdr) + sizeof(int))
                    return EPROTO;
                length = (int)received;
                if (((nlmsghdr*)reply)->nlmsg_type != NLMSG_ERROR)
                    return EPROTO;
                return -((nlmsgerr*)(reply + sizeof(nlmsghdr)))->error;
            }
        }
        finally
        {
            _ = close(fd);
        }
    }
}
