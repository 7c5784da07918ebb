using System.CommandLine;
using System.CommandLine.Invocation;

namespace XdpTop.Cli;

/// <summary>--help: the options in groups, with examples.</summary>
internal sealed class HelpText(CommandLine commandLine) : SynchronousCommandLineAction
{
    private const int Column = 30;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is not RootCommand and var subcommand)
            return WriteSubcommand(output, subcommand);
        output.WriteLine("xdptop - a top for network flows: live flows of any interface, exported by IPFIX");
        output.WriteLine();
        output.WriteLine("Usage: xdptop [options] INTERFACE...");
        output.WriteLine("       xdptop [options] --read FILE");
        output.WriteLine("       xdptop [options] --demo");
        output.WriteLine("       xdptop bench [options]      what this machine can meter; see 'xdptop bench --help'");
        output.WriteLine("       xdptop doctor INTERFACE     what to change on a machine and an interface, and how");
        foreach ((string title, Option[] options) in commandLine.Groups)
        {
            output.WriteLine();
            output.WriteLine($"{title}:");
            foreach (Option option in options)
                WriteOption(output, option);
        }
        output.WriteLine();
        output.WriteLine("Examples:");
        output.WriteLine("  sudo xdptop eth0                            live flows of this host: it goes on undisturbed");
        output.WriteLine("  sudo xdptop ens2f1                          live flows of a mirror port, by AF_XDP");
        output.WriteLine("  sudo xdptop ens2f1 -e udp://10.0.0.9:4739   the same, exported to a collector");
        output.WriteLine("  sudo xdptop eth0 -b -e tls://a -e tcp://b --export-policy failover --export-ca ca.pem");
        output.WriteLine("                                              to the first of two collectors that is up");
        output.WriteLine("  sudo xdptop eth0 -b -o flows.ipfix --rotate 300   a file for every five minutes");
        output.WriteLine("  sudo xdptop ens2f1 -m tap                   with copies, and the packets left to the host");
        output.WriteLine("  sudo xdptop ens2f1 -b --json -d 10 -n 6     a minute in JSON Lines");
        output.WriteLine("  sudo xdptop eth0 -f 'not port 22'           meter all flows but these");
        output.WriteLine("  xdptop -r file.pcap                         the flows of a capture file");
        output.WriteLine("  xdptop -r file.pcapng -o flows.csv          the same as CSV");
        output.WriteLine("  sudo xdptop --demo                          the tool at work with no traffic to spare");
        output.WriteLine();
        output.WriteLine("Interfaces may go down, go away and come back, or change: xdptop says so, waits, and goes on.");
        output.WriteLine("Coverage is the share of the packets counted by the interface that were received.");
        output.WriteLine("On the screen '?' shows the keys. Exit status: 0 fine, 1 failed at run time, 2 usage,");
        output.WriteLine("77 lacking rights or kernel support.");
        return ExitCode.Fine;
    }

    private static int WriteSubcommand(TextWriter output, Command command)
    {
        output.WriteLine($"xdptop {command.Name} - {command.Description}");
        output.WriteLine();
        output.WriteLine($"Usage: xdptop {command.Name} [options]{string.Concat(command.Arguments.Select(argument => " " + argument.Name))}");
        output.WriteLine();
        foreach (Option option in command.Options)
            WriteOption(output, option);
        return ExitCode.Fine;
    }

    private static void WriteOption(TextWriter output, Option option)
    {
        string alias = option.Aliases.Count > 0 ? option.Aliases.First() + ", " : "    ";
        string names = $"  {alias}{option.Name} {option.HelpName}".TrimEnd();
        string description = option.Description ?? "";
        if (names.Length < Column)
        {
            output.WriteLine(names.PadRight(Column) + description);
            return;
        }
        output.WriteLine(names);
        output.WriteLine(new string(' ', Column) + description);
    }
}
