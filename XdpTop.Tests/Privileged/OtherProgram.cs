using System.Diagnostics;

namespace XdpTop.Tests.Privileged;

/// <summary>Somebody else's program, run by a test; ended with the test if it still runs then.</summary>
internal sealed class OtherProgram : IDisposable
{
    private const int SIGTERM = 15;

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    public OtherProgram(string name, params string[] arguments)
    {
        ProcessStartInfo start = new(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TZ"] = "UTC";
        start.Environment["LC_ALL"] = "C";
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{name} does not start");
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Runs a program to its end, and gives its standard output; fails if it does.</summary>
    public static string Run(string name, params string[] arguments)
    {
        using OtherProgram program = new(name, arguments);
        (int status, string output, string errors) = program.WaitForExit();
        Assert.True(status == 0, $"{name} {string.Join(' ', arguments)} ended with {status}: {errors}");
        return output;
    }

    /// <summary>Asks it to end, as Ctrl-C or a service manager would.</summary>
    public (int Status, string Output, string Errors) Terminate()
    {
        if (!_process.HasExited)
            Assert.Equal(0, Tmds.Linux.LibC.kill(_process.Id, SIGTERM));
        return WaitForExit();
    }

    public (int Status, string Output, string Errors) WaitForExit()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(60)), "the program does not end");
        return (_process.ExitCode, _output.GetAwaiter().GetResult(), _errors.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
