namespace XdpTop.Ui.ViewModels;

/// <summary>A question in the last line, and the answer that is being typed.</summary>
internal abstract class PromptModel(string label, string hint, string text)
{
    public LineEditor Editor { get; } = new(text);

    /// <summary>Column of the cursor as last drawn.</summary>
    public int CursorColumn { get; private set; }

    /// <summary>Why the answer was not taken; empty if nothing is wrong.</summary>
    protected string Error { get; set; } = "";

    /// <summary>The text has changed.</summary>
    public virtual void Changed() => Error = "";

    /// <summary>Enter. True if the answer is taken.</summary>
    public abstract bool TryAccept();

    /// <summary>Esc: the prompt goes away.</summary>
    public virtual void Cancel()
    {
    }

    public void Draw(CellGrid grid)
    {
        string remark = Error.Length > 0 ? Error : hint;
        int start = grid.Write(0, 0, label, Style.Strong) + 1;
        int room = Math.Max(1, grid.Width - start - 1);
        // The text's end, or what is around the cursor, if not all of it fits.
        int first = Math.Max(0, Editor.Cursor - room + 1);
        ReadOnlySpan<char> visible = Editor.Text.AsSpan(first);
        grid.Write(start, 0, visible[..Math.Min(visible.Length, room)]);
        CursorColumn = start + Editor.Cursor - first;
        int after = start + visible.Length + 2;
        int rightmost = grid.Width - remark.Length;
        if (rightmost >= after || Error.Length > 0)
            grid.Write(Math.Max(rightmost, Math.Min(after, grid.Width / 2)), 0, remark, Error.Length > 0 ? Style.Warning : Style.Faint);
    }
}

/// <summary>The display filter, in force as it is typed.</summary>
internal sealed class FilterPrompt(ScreenModel screen)
    : PromptModel("Filter:", "Enter keeps it, Esc clears it", screen.Request.Filter.Text)
{
    public override void Changed() => screen.SetFilter(Editor.Text);

    public override bool TryAccept()
    {
        screen.SetFilter(Editor.Text.Trim());
        return true;
    }

    public override void Cancel() => screen.SetFilter("");
}

/// <summary>The file to write the table to.</summary>
internal sealed class FilePrompt(ScreenModel screen)
    : PromptModel("File:", "Enter: write, Esc: leave; .csv or .json", $"xdptop-{screen.Page.ToString().ToLowerInvariant()}.csv")
{
    public override bool TryAccept()
    {
        bool isWritten = screen.TryWrite(Editor.Text.Trim(), out string reason);
        Error = reason;
        return isWritten;
    }
}

/// <summary>The collector's URL. Once taken, export is on.</summary>
internal sealed class CollectorPrompt(ScreenModel screen)
    : PromptModel(
        "Collector:", "Enter: export there, Esc: leave",
        screen.Export.Collector is { Length: > 0 } collector ? collector : "udp://")
{
    public override bool TryAccept()
    {
        bool isTaken = screen.TrySetCollector(Editor.Text.Trim(), out string reason);
        Error = reason;
        return isTaken;
    }
}
