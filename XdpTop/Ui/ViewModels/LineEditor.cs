namespace XdpTop.Ui.ViewModels;

/// <summary>One line of text that is being typed, and where in it the cursor is.</summary>
internal sealed class LineEditor(string text)
{
    /// <summary>Longer input is cut off.</summary>
    public const int MaximumLength = 200;

    public string Text { get; private set; } = text;

    /// <summary>Before which character the cursor is.</summary>
    public int Cursor { get; private set; } = text.Length;

    /// <summary>Inserts what was typed or pasted; control characters are left out, and line breaks become spaces.</summary>
    public void Insert(string typed)
    {
        string line = string.Concat(typed.Trim('\r', '\n').ReplaceLineEndings(" ").Where(c => !char.IsControl(c)));
        line = line[..Math.Min(line.Length, MaximumLength - Text.Length)];
        Text = Text.Insert(Cursor, line);
        Cursor += line.Length;
    }

    public void DeleteBefore()
    {
        if (Cursor > 0)
            Text = Text.Remove(--Cursor, 1);
    }

    public void DeleteAfter()
    {
        if (Cursor < Text.Length)
            Text = Text.Remove(Cursor, 1);
    }

    public void DeleteToStart()
    {
        Text = Text[Cursor..];
        Cursor = 0;
    }

    /// <summary>Deletes as many characters at the beginning.</summary>
    public void DeleteFirst(int characters)
    {
        Text = Text[characters..];
        Cursor = Math.Max(0, Cursor - characters);
    }

    public void DeleteWordBefore()
    {
        int start = Text.AsSpan(0, Cursor).TrimEnd(' ').LastIndexOf(' ') + 1;
        Text = Text.Remove(start, Cursor - start);
        Cursor = start;
    }

    /// <summary>Moves the cursor by some characters; beyond an end, to that end.</summary>
    public void Move(int characters) => Cursor = Math.Clamp(Cursor + characters, 0, Text.Length);
}
