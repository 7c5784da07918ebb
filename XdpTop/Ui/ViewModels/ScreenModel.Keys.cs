namespace XdpTop.Ui.ViewModels;

/// <summary>What the user does, by keys, menus and mouse, and what is said of it.</summary>
internal sealed partial class ScreenModel
{
    private string _message = "";
    private bool _goesOn;

    /// <summary>What came of the last key, for the last line; empty if there is nothing to say.</summary>
    public string Message
    {
        get => _goesOn ? $"{_message} No longer paused.".TrimStart() : _message;
        private set => _message = value;
    }

    /// <summary>Does what the key of this name is for. False if it is none of the screen's.</summary>
    public bool Handle(string key)
    {
        ForgetMessage();
        if (Current.Handle(key))
            return true;
        if (KeyBindings.Find(key) is not { } binding)
            return false;
        if (MayRun(binding))
            binding.Run(this);
        return true;
    }

    /// <summary>Does what a menu has, or says that it is not for the view that is shown.</summary>
    /// <param name="binding">The key that does the same, or that opens the menu.</param>
    public void Choose(KeyBinding binding, Action<ScreenModel> run)
    {
        ForgetMessage();
        if (MayRun(binding))
            run(this);
    }

    /// <summary>The mouse wheel: leaves the cursor where it is while that is in sight.</summary>
    public void Scroll(int rows) => Current.Scroll(rows);

    /// <summary>A click on a cell of the view: on a heading it sorts, on a row it puts the cursor there.</summary>
    public void Click(int column, int row)
    {
        ForgetMessage();
        Current.Click(column, row);
    }

    /// <summary>The second of two quick clicks: on a row it goes into what the first one has put the cursor on, wherever that is by now.</summary>
    public void DoubleClick(int column, int row)
    {
        if (Current.HasRowAt(row))
            Enter();
        else
            Click(column, row);
    }

    /// <summary>Pasted text goes where text is being typed; otherwise it means nothing (its letters are not keys).</summary>
    public void Paste(string text) => Prompt?.Paste(text);

    private void ForgetMessage() => (_message, _goesOn) = ("", false);

    /// <summary>Whether the key is for the view that is shown; says so if it is not.</summary>
    private bool MayRun(KeyBinding binding)
    {
        bool isForPage = binding.IsFor(Page);
        if (!isForPage)
            Message = $"{binding.Names[0]} does nothing in this view: it is for {string.Join(", ", Enum.GetValues<ScreenPage>().Where(binding.IsFor))}.";
        return isForPage;
    }
}
