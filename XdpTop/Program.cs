using XdpTop.Cli;

return new CommandLine().Run(args, Session.Run);
