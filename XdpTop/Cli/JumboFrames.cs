using XdpTop.Capture;
using XdpTop.Cli.Doctor;
using XdpTop.Monitoring;

namespace XdpTop.Cli;

/// <summary>What is lost, and how to have it back, where an interface's MTU is larger than a place for a frame.</summary>
internal static class JumboFrames
{
    /// <summary>
    /// Of drivers that have native XDP but no frames of several buffers: a page less headroom, struct skb_shared_info and
    /// link header. Some have less.
    /// </summary>
    private const int LargestMtuInAPage = 3498;

    /// <summary>Null if nothing is lost.</summary>
    /// <param name="options">As the sockets were made.</param>
    /// <param name="features">Null where the kernel does not tell, or where skb mode is what the user wants.</param>
    /// <param name="gro">Whether the kernel puts received packets together; null where it does not tell.</param>
    public static InterfaceWarning? Examine(
        string interfaceName, int mtu, XskOptions options, bool isNative, bool isZeroCopy, XdpFeatures? features, bool? gro)
    {
        if (mtu <= options.LargestMtu)
            return null;
        string name = ShellWord.Quote(interfaceName);
        string has = $"{interfaceName} has an MTU of {mtu}";
        if (!options.MultiBuffer)
        {
            XskOptions larger = options with { FrameSize = XskOptions.LargestFrameSize };
            return new InterfaceWarning(
                $"MTU over {options.LargestMtu}",
                $"{has}, and this kernel has no multi-buffer for AF_XDP (Linux 6.6), so that packets of more than {options.LargestMtu} octets are dropped, and counted so: ip link set {name} mtu {options.LargestMtu}"
                    + (mtu <= larger.LargestMtu ? $", or give --frame-size {larger.FrameSize}" : ""));
        }
        if (!isNative && features is { Native: true })
        {
            int most = features is { MultiBuffer: true } ? mtu : LargestMtuInAPage;
            return new InterfaceWarning(
                $"no native XDP at MTU {mtu}",
                $"{has}, at which its driver has no native XDP"
                    + (most < mtu ? $" (without multi-buffer a frame has to fit a page: an MTU of {most}, or less)" : "")
                    + $", so that skb mode is used, which is slower: ip link set {name} mtu {options.LargestMtu}{Joined(gro, name)}");
        }
        if (!isNative && gro == true)
            return new InterfaceWarning("GRO joins packets", $"{has}, and frames may be as long, or longer{Joined(gro, name)}");
        return isNative && !isZeroCopy && options.Bind == BindMode.Auto && features is { ZeroCopy: true }
            ? new InterfaceWarning(
                "no zero-copy for jumbo frames",
                $"{has}, and its driver has no zero-copy of frames in several buffers, so that they are copied: ip link set {name} mtu {options.LargestMtu}")
            : null;
    }

    private static string Joined(bool? gro, string name) =>
        gro == true ? $"; packets that GRO has joined are metered as one: ethtool -K {name} gro off" : "";
}
