namespace XdpTop.Cli.Doctor;

/// <summary>What a check has found.</summary>
/// <param name="Check">The check's name, as "rss-key".</param>
/// <param name="Result">How bad it is.</param>
/// <param name="Text">What is there and what follows from it.</param>
/// <param name="Remedy">The command that mends it, as root types it into a shell; null if there is none or none is needed.</param>
internal sealed record Finding(string Check, Result Result, string Text, string? Remedy = null)
{
    public static Finding Ok(string check, string text) => new(check, Result.Ok, text);
}

/// <summary>How bad it is.</summary>
internal enum Result
{
    Ok,

    /// <summary>It costs speed, or something of what can be seen.</summary>
    Warning,

    /// <summary>Packets are lost, or nothing can be captured.</summary>
    Problem,
}
