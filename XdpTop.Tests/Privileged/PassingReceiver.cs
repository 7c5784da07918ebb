using System.Diagnostics;
using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Tests.Privileged;

/// <summary>
/// A veth pair of this process alone, with the redirect program on the receiving end and no AF_XDP socket: all frames
/// are counted and go on to the host.
/// </summary>
internal sealed unsafe class PassingReceiver : IDisposable
{
    private const uint CounterPassed = 1;

    // What the ports stand for is not what the payload is.
    private static readonly string[] s_notDecoded =
        ["dns", "ntp", "sip", "wg", "quic", "tls", "http", "ssh", "pgsql", "imap", "nbss"];

    private readonly VethPair _pair;
    private readonly BpfObject _bpf = BpfObject.Open("xdptop.bpf.o");
    private readonly int _link;

    public PassingReceiver(string suffix, int queues)
    {
        _pair = VethPair.Create($"xt{Environment.ProcessId}{suffix}r", $"xt{Environment.ProcessId}{suffix}s", queues);
        _bpf.Load();
        Libbpf.bpf_link_create_opts options = new() { sz = (nuint)sizeof(Libbpf.bpf_link_create_opts), flags = IfXdp.XDP_FLAGS_DRV_MODE };
        _link = Libbpf.bpf_link_create(_bpf.ProgramFd("xdptop_redirect"), Links.IndexOf(_pair.Name), Libbpf.BPF_XDP, &options);
        Assert.True(_link > 0, $"attaching failed: {_link}");
    }

    public string Name => _pair.Name;

    public int SenderIndex => Links.IndexOf(_pair.Peer);

    /// <summary>Frames that arrived, by the core that received them.</summary>
    public ulong[] Received
    {
        get
        {
            ulong[] values = new ulong[Libbpf.libbpf_num_possible_cpus()];
            uint key = CounterPassed;
            fixed (ulong* first = values)
                Assert.Equal(0, Libbpf.bpf_map_lookup_elem(_bpf.MapFd("counters"), &key, first));
            return values;
        }
    }

    /// <summary>Captures as many frames as are sent meanwhile; gives one line of tshark's fields for each.</summary>
    public string[] Capture(int frames, Action send, params string[] fields)
    {
        string file = Path.GetTempFileName();
        try
        {
            using Process tcpdump = Process.Start(new ProcessStartInfo(
                "tcpdump", ["-i", Name, "-w", file, "-B", "65536", "-s", "0", "-c", $"{frames}", "-Z", "root"])
            { RedirectStandardError = true })!;
            while (!tcpdump.StandardError.ReadLine()!.Contains("listening on", StringComparison.Ordinal)) ;
            send();
            Assert.True(tcpdump.WaitForExit(10_000), $"tcpdump did not get {frames} frames");
            using Process tshark = Process.Start(new ProcessStartInfo(
                "tshark", ["-r", file, "-o", "ip.check_checksum:TRUE", .. s_notDecoded.SelectMany(p => (string[])["--disable-protocol", p]),
                    "-T", "fields", .. fields.SelectMany(f => (string[])["-e", f])])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> errors = tshark.StandardError.ReadToEndAsync();
            string output = tshark.StandardOutput.ReadToEnd();
            tshark.WaitForExit();
            Assert.True(tshark.ExitCode == 0, errors.Result);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public void Dispose()
    {
        if (_link > 0)
            _ = Tmds.Linux.LibC.close(_link);
        _bpf.Dispose();
        _pair.Dispose();
    }
}
