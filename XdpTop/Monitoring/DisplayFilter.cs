using XdpTop.Flows;
using XdpTop.Monitoring.Filters;
using XdpTop.Monitoring.Names;

namespace XdpTop.Monitoring;

/// <summary>
/// Which flows the screen shows, in the language of <see cref="FilterGrammar"/>. What is metered and exported does not depend
/// on it. Asked by the snapshot thread.
/// </summary>
internal sealed class DisplayFilter
{
    private readonly FilterStep[] _steps;

    private DisplayFilter(string text, FilterStep[] steps)
    {
        Text = text;
        _steps = steps;
    }

    /// <summary>Lets all flows through.</summary>
    public static DisplayFilter None { get; } = new("", []);

    /// <summary>As the user typed it.</summary>
    public string Text { get; }

    /// <summary>Why it does not find what it should, though it is written right, as a part of a sentence; else empty. Any thread.</summary>
    public string Problem
    {
        get
        {
            foreach (ref readonly FilterStep step in _steps.AsSpan())
            {
                if (step.Test.Line is { Problem.Length: > 0 } line)
                    return line.Problem;
            }
            return "";
        }
    }

    /// <summary>Gives the filter, or what is wrong with its text.</summary>
    public static FilterError? Read(string text, out DisplayFilter filter)
    {
        filter = None;
        if (FilterGrammar.Read(text, out FilterNode tree) is { } error)
            return error;
        filter = new DisplayFilter(text, FilterCompiler.Compile(tree));
        return null;
    }

    /// <summary>
    /// Whether the row is shown: of a Biflow, whether one of its directions is let through; numbers are of both together, as
    /// they are shown. Called for each live flow of each snapshot: does not allocate, and makes text only for what looks at text.
    /// </summary>
    /// <param name="now">The snapshot's time: nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="names">Of hosts; null where they are not shown.</param>
    /// <param name="services">Whether services are shown by name.</param>
    public bool Matches(ref readonly FlowRow row, long now, INameSource? names = null, bool services = false) =>
        _steps.Length == 0
        || Matches(in row.Record.Key, in row, now, names, services)
        || (row.IsBiflow && Matches(in row.Reverse.Key, in row, now, names, services));

    private bool Matches(ref readonly FlowKey key, ref readonly FlowRow row, long now, INameSource? names, bool services)
    {
        int at = 0;
        do
        {
            ref readonly FilterStep step = ref _steps[at];
            bool holds = step.Test.Kind switch
            {
                FilterTestKind.Key => step.Test.Key.Holds(in key),
                FilterTestKind.Number => step.Test.Number.Holds(in row, now),
                FilterTestKind.Flags => ((row.Record.TcpFlags | row.Reverse.TcpFlags) & step.Test.Flags) == step.Test.Flags,
                _ => IsInLine(step.Test.Line!, in key, names, services),
            };
            at = holds ? step.IfTrue : step.IfFalse;
        }
        while (at >= 0);
        return at == FlowKeyFilter.Pass;
    }

    private static bool IsInLine(LineTest test, ref readonly FlowKey key, INameSource? names, bool services)
    {
        FlowLine line = new(in key, names, services, stackalloc char[FlowLine.MaximumLength]);
        return test.Holds(in line);
    }
}
