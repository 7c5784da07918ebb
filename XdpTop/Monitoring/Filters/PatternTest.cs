using System.Diagnostics;
using System.Text.RegularExpressions;

namespace XdpTop.Monitoring.Filters;

/// <summary>
/// A regular expression over the whole line. Matched without backtracking, in time proportional to the line's length; patterns that
/// would be large automata are refused, and one that turns out slow is switched off. Snapshot thread only.
/// </summary>
internal sealed class PatternTest : LineTest
{
    /// <summary>States of the pattern's automaton, by the framework's own estimate.</summary>
    private const int LargestAutomaton = 2000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>What matching a line may take, in the mean.</summary>
    private static readonly TimeSpan s_slow = TimeSpan.FromMicroseconds(20);

    private readonly Regex _pattern;
    private long _matched;
    private long _spent; // ticks of Stopwatch
    private bool _isSlow;

    static PatternTest() => AppContext.SetData("REGEX_NONBACKTRACKING_MAX_AUTOMATA_SIZE", LargestAutomaton);

    /// <exception cref="ArgumentException">It is no pattern.</exception>
    /// <exception cref="NotSupportedException">It needs backtracking, or is too large.</exception>
    public PatternTest(string pattern) =>
        _pattern = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    public override string Problem => _isSlow ? "the pattern takes too long, and was switched off" : "";

    public override bool Holds(ref readonly FlowLine line)
    {
        if (_isSlow)
            return false;
        long begin = Stopwatch.GetTimestamp();
        bool holds = _pattern.IsMatch(line.Whole);
        _spent += Stopwatch.GetTimestamp() - begin;
        _matched++;
        TimeSpan spent = Stopwatch.GetElapsedTime(0, _spent);
        _isSlow = spent > s_patience && spent > _matched * s_slow;
        return holds;
    }
}
