using System.CommandLine;
using XdpTop.Capture;
using XdpTop.Native;

namespace XdpTop.Cli.Doctor;

/// <summary>"xdptop doctor": what of a machine and an interface is fine, what is to be changed, and how.</summary>
internal sealed class DoctorCommand
{
    private readonly Argument<string> _interface = new("INTERFACE") { Description = "the interface to look at", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _json = new("--json") { Description = "one JSON object on a line for each finding" };

    public Command Create()
    {
        Command command = new("doctor", "look at an interface, its driver and the machine: what is fine, what to change, how; changes nothing.\nExit status: 0 all is fine, 1 a problem, 2 usage, 3 warnings, 77 lacking rights and no other problem")
        {
            _interface, _json,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        string? name = result.GetValue(_interface);
        // The parser takes what it does not know for an argument.
        if (string.IsNullOrEmpty(name) || name.StartsWith('-'))
        {
            ErrorOutput.Say($"{(string.IsNullOrEmpty(name) ? "what to look at is missing: give an interface" : $"there is no option '{name}'")}; see 'xdptop doctor --help'");
            return ExitCode.Usage;
        }
        try
        {
            SystemFiles files = new("/");
            Subject subject = Subject.Of(NetworkInterface.Find(name), files);
            IReadOnlyList<Finding> findings = Examination.Of(subject, Machine.Read(files));
            bool json = result.GetValue(_json);
            foreach (Finding finding in findings)
                Console.WriteLine(json ? FindingText.Json(finding) : FindingText.Line(finding));
            return Examination.Status(findings);
        }
        catch (IOException e)
        {
            ErrorOutput.Say($"writing to standard output failed: {e.Message}; make room, or send it elsewhere");
            return ExitCode.Failed;
        }
        catch (NativeException e)
        {
            ErrorOutput.Say(e.Message);
            return e.IsUnsupported ? ExitCode.Unsupported : ExitCode.Failed;
        }
    }
}
