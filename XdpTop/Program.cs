using XdpTop.Cli;
using XdpTop.Native;

ProcessStart.Prepare();
return new CommandLine().Run(args, Session.Run);
