using XdpTop.Ui;

namespace XdpTop.Tests.Ui;

/// <summary>A terminal at which nobody types, and that keeps what is written to it.</summary>
internal sealed class FakeTerminal : ITerminal
{
    private readonly List<byte> _written = [];

    public int Writes { get; private set; }

    public int Stops { get; private set; }

    public bool WaitForInput(TimeSpan patience)
    {
        Thread.Sleep(patience);
        return false;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Writes++;
        _written.AddRange(bytes);
    }

    /// <summary>What was written since the last time.</summary>
    public string Take()
    {
        string text = System.Text.Encoding.UTF8.GetString([.. _written]);
        _written.Clear();
        return text;
    }

    public void StopProcess() => Stops++;
}
