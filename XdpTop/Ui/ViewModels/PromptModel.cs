using System.Buffers;
using XdpTop.Monitoring;
using XdpTop.Monitoring.Filters;

namespace XdpTop.Ui.ViewModels;

/// <summary>A question in the last two lines, and the answer that is being typed.</summary>
internal abstract class PromptModel(string label, string hint, string text)
{
    /// <summary>Rows: the field, and what there is to say of it.</summary>
    public const int Height = 2;

    public LineEditor Editor { get; } = new(text);

    /// <summary>Column of the cursor as last drawn.</summary>
    public int CursorColumn { get; private set; }

    /// <summary>Why the answer was not taken; empty if nothing is wrong.</summary>
    protected string Error { get; set; } = "";

    /// <summary>Which characters of the answer are wrong, as far as that is known.</summary>
    protected (int Position, int Length) Wrong { get; set; }

    /// <summary>The text has changed.</summary>
    public virtual void Changed() => Error = "";

    /// <summary>Text that was pasted.</summary>
    public void Paste(string text)
    {
        Editor.Insert(text);
        Changed();
    }

    /// <summary>Enter. True if the answer is taken.</summary>
    public abstract bool TryAccept();

    /// <summary>Ctrl-T: tries what has been typed, if that can be done.</summary>
    public virtual void Test()
    {
    }

    /// <summary>What there is to say under the field in place of the hint; null if there is nothing.</summary>
    protected virtual (string Text, Style Style)? News => null;

    /// <summary>Esc: the prompt goes away.</summary>
    public virtual void Cancel()
    {
    }

    public void Draw(CellGrid grid)
    {
        int start = grid.Write(0, 0, label, Style.Strong) + 1;
        int room = Math.Max(1, grid.Width - start - 1);
        // The text's end, or what is around the cursor, if not all of it fits.
        int first = Math.Max(0, Editor.Cursor - room + 1);
        ReadOnlySpan<char> visible = Editor.Text.AsSpan(first);
        grid.Write(start, 0, visible[..Math.Min(visible.Length, room)]);
        CursorColumn = start + Editor.Cursor - first;
        DrawUnder(grid, start - first, start);
    }

    /// <summary>Marks the place that is wrong, in the field and with '^' under it, and says beside the mark what is wrong.</summary>
    private void DrawUnder(CellGrid grid, int origin, int start)
    {
        if (Error.Length == 0)
        {
            (string text, Style style) = News ?? (hint, Style.Label);
            // All of it, if that is possible at all.
            grid.WriteFitted(Math.Max(0, Math.Min(start, grid.Width - text.Length)), 1, grid.Width, text, right: false, style);
            return;
        }
        int place = Math.Clamp(origin + Wrong.Position, start, grid.Width - 1);
        int end = Math.Min(origin + Wrong.Position + Wrong.Length, grid.Width);
        if (end > place)
            grid.Write(place, 0, Editor.Text.AsSpan(place - origin, end - place), Style.Warning);
        int right = place + 2;
        bool fitsRight = right + Error.Length <= grid.Width;
        grid.Write(place, 1, "^", Style.Warning);
        if (fitsRight || place <= Error.Length)
            grid.Write(Math.Max(fitsRight ? right : Math.Min(right, grid.Width - Error.Length), 0), 1, Error, Style.Warning);
        else
            grid.Write(place - 1 - Error.Length, 1, Error, Style.Warning);
    }
}

/// <summary>
/// The display filter, in force as it is typed. While something is wrong with it the last one that was right stays in force.
/// </summary>
internal sealed class FilterPrompt(ScreenModel screen)
    : PromptModel("Filter:", "Enter keeps it, Esc clears it", screen.Request.Filter.Text)
{
    private static readonly SearchValues<char> s_endsWord = SearchValues.Create(" ()!&|");

    public override void Changed()
    {
        int start = StartOfKeyword(Editor.Text);
        if (start < 0)
        {
            Try(Editor.Text);
            return;
        }
        // What is wrong with what is left, as with an 'and' at its end, is of no interest yet.
        screen.SetFilter(Editor.Text[..start].TrimEnd());
        (Error, Wrong) = ("", default);
    }

    public override bool TryAccept() => Try(Editor.Text.TrimEnd());

    public override void Cancel() => screen.SetFilter("");

    /// <summary>
    /// Where a keyword begins that is not whole yet, as "tcp por": looked for as a word it would empty the table for a moment.
    /// −1 if there is none: also where a value stands, as "flags S".
    /// </summary>
    private static int StartOfKeyword(string text)
    {
        int start = text.AsSpan().LastIndexOfAny(s_endsWord) + 1;
        string word = text[start..].ToLowerInvariant();
        bool isBeginning = word.Length > 0 && !FilterGrammar.Keywords.Contains(word)
            && FilterGrammar.Keywords.Any(keyword => keyword.StartsWith(word, StringComparison.Ordinal));
        // A text in quotes is never a value.
        return isBeginning && DisplayFilter.Read($"{text[..start]}\"\"", out _) is null ? start : -1;
    }

    private bool Try(string text)
    {
        FilterError? error = screen.SetFilter(text);
        Error = error?.Message ?? "";
        Wrong = error is null ? default : (error.Position, error.Length);
        return error is null;
    }
}

/// <summary>The file to write the table to.</summary>
internal sealed class FilePrompt(ScreenModel screen)
    : PromptModel("File:", "Enter: write, Esc: leave; .csv or .json", $"xdptop-{screen.Page.ToString().ToLowerInvariant()}.csv")
{
    public override bool TryAccept()
    {
        bool isWritten = screen.TryWrite(WithHome(Editor.Text.Trim()), out string reason);
        Error = reason;
        Wrong = (0, Editor.Text.Length);
        return isWritten;
    }

    /// <summary>'~/' at the beginning is the home directory, as in a shell.</summary>
    private static string WithHome(string file) =>
        file.StartsWith("~/", StringComparison.Ordinal) && Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home
            ? Path.Combine(home, file[2..].TrimStart('/')) : file;
}

/// <summary>The URL of a collector: of one more, or of one that takes the place of another.</summary>
internal sealed class CollectorPrompt(ScreenModel screen, string? before)
    : PromptModel(before is null ? "New collector:" : "Collector:", "Enter takes it, Ctrl-T tests it, Esc leaves", before ?? Prefill)
{
    /// <summary>What most URLs begin with.</summary>
    private const string Prefill = "udp://";

    private CollectorTrial? _trial;

    /// <summary>A whole URL, typed or pasted, takes the place of the beginning of one.</summary>
    public override void Changed()
    {
        base.Changed();
        if (Editor.Text.StartsWith(Prefill, StringComparison.Ordinal) && Editor.Text.IndexOf("://", Prefill.Length, StringComparison.Ordinal) > 0)
            Editor.DeleteFirst(Prefill.Length);
        _trial = null;
    }

    public override bool TryAccept()
    {
        bool isTaken = screen.TryTakeCollector(Editor.Text.Trim(), before, out string reason);
        _trial = null;
        Error = reason;
        Wrong = (0, Editor.Text.Length);
        return isTaken;
    }

    public override void Test()
    {
        Error = "";
        screen.TestCollector(Editor.Text.Trim());
        _trial = screen.CollectorTrial;
    }

    protected override (string Text, Style Style)? News => _trial is { } trial ? (trial.Sentence, trial.Style) : null;
}

/// <summary>Whether a collector is to be removed.</summary>
internal sealed class RemovalPrompt(ScreenModel screen, string url)
    : PromptModel($"Remove {url}?", "Enter: yes, Esc: no. What waits for it alone is lost", "")
{
    public override void Changed() => Editor.DeleteToStart(); // there is nothing to be typed

    public override bool TryAccept()
    {
        screen.RemoveCollector(url);
        return true;
    }
}
