namespace XdpTop.Ui.ViewModels;

/// <summary>What is said of collectors.</summary>
internal static class CollectorText
{
    private const string Start = "the collector ";

    /// <summary>Why a collector fails, where its name stands beside it and would take the room.</summary>
    /// <param name="problem">As "the collector udp://host:4739 refuses".</param>
    /// <param name="name">What stands beside it; another name stays.</param>
    public static string WithoutName(string problem, string name)
    {
        if (!problem.StartsWith(Start, StringComparison.Ordinal))
            return problem;
        string rest = problem[Start.Length..];
        return name.Length > 0 && rest.StartsWith(name + " ", StringComparison.Ordinal) ? rest[(name.Length + 1)..] : rest;
    }
}
