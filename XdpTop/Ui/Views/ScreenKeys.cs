using Terminal.Gui.Input;
using XdpTop.Ui.ViewModels;

namespace XdpTop.Ui.Views;

/// <summary>Brings the terminal's keys to the screen, by the names that <see cref="KeyBindings"/> has for them.</summary>
internal sealed class ScreenKeys(ScreenModel screen)
{
    private static readonly Dictionary<Key, string> s_names = new()
    {
        [Key.Space] = "Space", [Key.Enter] = "Enter", [Key.Esc] = "Esc", [Key.Tab] = "Tab", [Key.Tab.WithShift] = "Shift-Tab",
        [Key.CursorDown] = "Down", [Key.CursorUp] = "Up", [Key.CursorLeft] = "Left", [Key.CursorRight] = "Right",
        [Key.PageDown] = "PgDn", [Key.PageUp] = "PgUp", [Key.Home] = "Home", [Key.End] = "End", [Key.C.WithCtrl] = "Ctrl-C",
        [Key.Delete] = "Del", [Key.F1] = "F1", [Key.F2] = "F2", [Key.F4] = "F4", [Key.F6] = "F6", [Key.F9] = "F9", [Key.F10] = "F10",
    };

    /// <summary>Does what the key asks for. False if it is no key of the screen's: the menu bar may know it.</summary>
    public bool Handle(Key key)
    {
        if (screen.Prompt is { } prompt)
            return HandleInPrompt(key, prompt);
        string name = s_names.GetValueOrDefault(key) ?? CharacterOf(key).ToString();
        // A letter that means nothing must not open a menu whose name begins with it.
        return screen.Handle(name) || CharacterOf(key) != '\0';
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
        else if (key == Key.T.WithCtrl)
            prompt.Test();
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
