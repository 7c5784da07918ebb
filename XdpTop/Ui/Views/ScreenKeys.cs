using Terminal.Gui.Input;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Ui.Views;

/// <summary>What each key does.</summary>
internal sealed class ScreenKeys(ScreenModel screen, Action quit, Action openMenu)
{
    public Action Quit => quit;

    /// <summary>Does what the key asks for. False if it is no key of the screen's: the menu bar may know it.</summary>
    public bool Handle(Key key)
    {
        if (screen.Prompt is { } prompt)
            return HandleInPrompt(key, prompt);
        if (HandleMoves(key))
            return true;
        if (key.IsCtrl || key.IsAlt)
            return false;
        switch (CharacterOf(key))
        {
            case 'q': quit(); return true;
            case 's' or '>': screen.StepSortKey(1); return true;
            case 'S' or '<': screen.StepSortKey(-1); return true;
            case 'i' or 'r' or 'I': screen.Invert(); return true;
            case 'a': screen.ToggleBiflows(); return true;
            case '/': screen.AskForFilter(); return true;
            case ' ': screen.TogglePause(); return true;
            case '1' or 'f': screen.Show(ScreenPage.Flows); return true;
            case '2' or 'Q': screen.Show(ScreenPage.Queues); return true;
            case '?' or 'h': screen.Show(ScreenPage.Help); return true;
            case 'e': screen.ToggleExport(); return true;
            case 'c': screen.AskForCollector(); return true;
            // A letter that means nothing must not open a menu whose name begins with it.
            case not '\0': return true;
        }
        if (key == Key.Esc)
            screen.StepBack();
        else if (key == Key.Tab || key == Key.Tab.WithShift)
            screen.ShowNextPage();
        else if (key == Key.F1)
            screen.Show(ScreenPage.Help);
        else if (key == Key.F9)
            openMenu();
        else
            return false;
        return true;
    }

    private bool HandleMoves(Key key)
    {
        if (key == Key.CursorDown)
            screen.Move(1);
        else if (key == Key.CursorUp)
            screen.Move(-1);
        else if (key == Key.PageDown)
            screen.MovePages(1);
        else if (key == Key.PageUp)
            screen.MovePages(-1);
        else if (key == Key.Home)
            screen.Move(-ScreenModel.AllTheWay);
        else if (key == Key.End)
            screen.Move(ScreenModel.AllTheWay);
        else
            return false;
        return true;
    }

    private bool HandleInPrompt(Key key, PromptModel prompt)
    {
        LineEditor editor = prompt.Editor;
        string before = editor.Text;
        if (key == Key.Enter)
            screen.ClosePrompt(accept: true);
        else if (key == Key.Esc)
            screen.ClosePrompt(accept: false);
        else if (key == Key.Backspace || key == Key.H.WithCtrl)
            editor.DeleteBefore();
        else if (key == Key.Delete || key == Key.D.WithCtrl)
            editor.DeleteAfter();
        else if (key == Key.U.WithCtrl)
            editor.DeleteToStart();
        else if (key == Key.W.WithCtrl)
            editor.DeleteWordBefore();
        else if (key == Key.CursorLeft || key == Key.B.WithCtrl)
            editor.Move(-1);
        else if (key == Key.CursorRight || key == Key.F.WithCtrl)
            editor.Move(1);
        else if (key == Key.Home || key == Key.A.WithCtrl)
            editor.Move(-LineEditor.MaximumLength);
        else if (key == Key.End || key == Key.E.WithCtrl)
            editor.Move(LineEditor.MaximumLength);
        else if (CharacterOf(key) is not '\0' and char typed)
            editor.Insert(typed.ToString());
        if (editor.Text != before)
            prompt.Changed();
        // While something is being typed no key means anything else.
        return true;
    }

    private static char CharacterOf(Key key) =>
        !key.IsCtrl && !key.IsAlt && key.AsRune is { Value: >= ' ' and not 0x7f, IsBmp: true } rune ? (char)rune.Value : '\0';
}
