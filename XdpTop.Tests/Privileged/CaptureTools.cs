using System.Diagnostics;

namespace XdpTop.Tests.Privileged;

/// <summary>Wireshark's command line programs, which know captures and packets independently of xdptop.</summary>
internal static class CaptureTools
{
    /// <summary>Gives the standard output. The program must end with status 0.</summary>
    public static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }

    /// <summary>What tshark says of each packet of a file, by field; several values of one field are joined by commas.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Fields(string path, params string[] fields)
    {
        string output = Run("tshark",
            ["-n", "-r", path, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-T", "fields", "-E", "separator=/t",
                .. fields.SelectMany(field => new[] { "-e", field })]);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
            fields.Zip(line.Split('\t')).ToDictionary(pair => pair.First, pair => pair.Second))];
    }
}
