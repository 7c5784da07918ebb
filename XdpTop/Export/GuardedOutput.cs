using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// An output whose failure ends nothing but itself: what it cannot write any more is counted. It is not tried again: a
/// file that ends early is of more use than one with a hole in the middle.
/// </summary>
internal sealed class GuardedOutput(IRecordOutput output) : IDisposable
{
    private ulong _notWritten;
    private volatile string _failure = "";
    private bool _isDisposed;

    /// <summary>Records that are not in the output, or not whole. Any thread may ask.</summary>
    public ulong NotWritten => Volatile.Read(ref _notWritten);

    /// <summary>Why the output ended early; empty when it did not. Any thread may ask.</summary>
    public string Problem => _failure.Length == 0 ? "" : $"{_failure}; {NotWritten} records are not in it";

    public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
    {
        try
        {
            if (_failure.Length == 0)
            {
                output.Write(records, distributions);
                return;
            }
        }
        catch (IOException exception)
        {
            Fail(exception);
        }
        Volatile.Write(ref _notWritten, _notWritten + (ulong)records.Length);
    }

    /// <inheritdoc cref="IRecordOutput.Tend"/>
    public void Tend()
    {
        try
        {
            if (_failure.Length == 0)
                output.Tend();
        }
        catch (IOException exception)
        {
            Fail(exception);
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        try
        {
            output.Dispose();
        }
        catch (IOException exception)
        {
            Fail(exception);
        }
    }

    private void Fail(IOException exception) =>
        _failure = $"writing to {output.Name} failed: {OutputFiles.Cause(exception)}";
}
