namespace XdpTop.Cli;

/// <summary>The program's exit statuses.</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>Something went wrong at run time.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>Nothing is wrong, but not all is at its best: "xdptop doctor" has warnings.</summary>
    public const int Imperfect = 3;

    /// <summary>Rights or kernel support are lacking.</summary>
    public const int Unsupported = 77;
}
