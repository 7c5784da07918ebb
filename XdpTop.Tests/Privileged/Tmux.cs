namespace XdpTop.Tests.Privileged;

/// <summary>A terminal with a shell in it, in a network namespace: by a tmux server of its own, which <see cref="Dispose"/> ends.</summary>
internal sealed class Tmux : IDisposable
{
    public const string Prompt = "shell>";

    private readonly string _server;
    private int _commands;

    public Tmux(string suffix, int columns, int rows, TestNamespace? network = null)
    {
        _server = TestNetwork.Name(suffix);
        // The variable keeps the screens of this process's own tests away from its terminal: here a real one is wanted.
        string[] tmux = ["env", "-u", "DisableRealDriverIO", "LC_ALL=C.UTF-8", "tmux", "-L", _server, "-f", "/dev/null", "new-session", "-d", "-x", $"{columns}", "-y", $"{rows}", $"PS1='{Prompt} ' exec sh"];
        string[] command = network is null ? tmux : ["ip", "netns", "exec", network.Name, .. tmux];
        CaptureTools.Run(command[0], command[1..]);
        Run("set-option", "-g", "status", "off");
        Resize(columns, rows);
        WaitFor(Prompt);
    }

    /// <summary>What is on the screen, lines without the blanks at their ends.</summary>
    public string Screen
    {
        get
        {
            string text = Run("capture-pane", "-p");
            ProgramRun.AssertNoStackTrace(text);
            return text;
        }
    }

    public string[] Lines => Screen.Split('\n');

    /// <summary>The process id of what runs in the shell.</summary>
    public int Child
    {
        get
        {
            string shell = Run("display-message", "-p", "#{pane_pid}").Trim();
            return int.Parse(File.ReadAllText($"/proc/{shell}/task/{shell}/children").Trim());
        }
    }

    /// <summary>What programs can leave a terminal in: the cursor hidden, the other screen, mouse reports.</summary>
    public string Modes => Run("display-message", "-p", "cursor #{cursor_flag} alternate #{alternate_on} mouse #{mouse_any_flag} keypad #{keypad_flag}").Trim();

    public void Type(string text) => Run("send-keys", "-l", text);

    public void Enter(string text)
    {
        Type(text);
        Keys("Enter");
    }

    /// <summary>Presses keys by tmux's names, as "F1" or "Escape".</summary>
    public void Keys(params string[] keys) => Run(["send-keys", .. keys]);

    public void Resize(int columns, int rows) => Run("resize-window", "-x", $"{columns}", "-y", $"{rows}");

    /// <summary>Runs a command in the shell, and gives what it prints.</summary>
    public string Shell(string command)
    {
        string end = $"done {++_commands}\n"; // of this command, not of the one before, which may still stand there
        string screen = "";
        Enter($"clear; {command}; echo do''ne {_commands}"); // the command's own echo is not what is waited for
        WaitFor(now => (screen = now).Contains(end + Prompt, StringComparison.Ordinal), $"'{end}'");
        return screen[..screen.IndexOf(end, StringComparison.Ordinal)].Trim();
    }

    public void WaitFor(string text) => WaitFor(screen => screen.Contains(text, StringComparison.Ordinal), $"'{text}'");

    public void WaitFor(Func<string, bool> condition, string what)
    {
        string screen = "";
        Assert.True(ProgramRun.Until(() => condition(screen = Screen)), $"no {what} on the screen:\n{screen}");
    }

    public void Dispose()
    {
        string socket = Run("display-message", "-p", "#{socket_path}").Trim();
        Run("kill-server");
        File.Delete(socket); // tmux leaves it
    }

    private string Run(params string[] arguments) => CaptureTools.Run("tmux", ["-L", _server, .. arguments]);
}
