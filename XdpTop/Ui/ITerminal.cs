namespace XdpTop.Ui;

/// <summary>The terminal that the screen is on, as far as Terminal.Gui does not do for it. Called by the UI thread.</summary>
internal interface ITerminal
{
    /// <summary>Waits until something has been typed that nobody has read yet, or the time is over. True if there is something.</summary>
    bool WaitForInput(TimeSpan patience);

    /// <summary>Writes to the terminal, waiting for it as long as it takes; a terminal that has gone gets nothing more.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Stops this process until it is to go on, as a job of the shell (Ctrl-Z). Called with the terminal given back.</summary>
    void StopProcess();
}
