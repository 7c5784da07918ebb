using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// An output whose failure does not end the program: what it cannot write any more is counted. A file is not tried again,
/// since one that ends early is of more use than one with a hole in the middle; but where there is a next one, that is. Used
/// by the exporter thread, but for what any may ask.
/// </summary>
internal class GuardedOutput(IRecordOutput output) : IDisposable
{
    private readonly Lock _counting = new();
    private Tally _notWritten;
    private volatile string _failure = ""; // the last one
    private bool _hasFailed; // and nothing has begun anew since
    private bool _isDisposed;

    /// <summary>Records that are not in the output, or not whole. Any thread may ask.</summary>
    public Tally NotWritten
    {
        get
        {
            lock (_counting)
                return _notWritten;
        }
    }

    /// <summary>Why not all is in the output, as a sentence; empty when it is. Any thread may ask.</summary>
    public string Problem
    {
        get
        {
            string cause = _failure;
            ulong records = NotWritten.Records;
            if (cause.Length == 0 && records > 0)
                cause = $"{output.Name} is read too slowly";
            if (cause.Length == 0)
                return "";
            return records == 0 ? $"{cause}; all records are in it" : $"{cause}; {records} records are not in it";
        }
    }

    /// <summary>Whether so many Flow Records more would push out others that wait.</summary>
    /// <param name="isPatient">Whether one that nobody reads for a while is waited for.</param>
    public virtual bool IsFull(int flowRecords, bool isPatient) => false;

    public virtual void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
    {
        for (int at = 0, length; at < records.Length; at += length)
        {
            length = Math.Min(output.MostRecords, records.Length - at);
            if (records[at + length - 1].HasReverse)
                length++;
            if (!TryWrite(records.Slice(at, length), distributions.IsEmpty ? distributions : distributions.Slice(at, length)))
                CountNotWritten(Tally.OfAll(records.Slice(at, length)));
        }
    }

    /// <inheritdoc cref="IRecordOutput.Tend"/>
    public virtual void Tend()
    {
        try
        {
            if (!_hasFailed)
                output.Tend();
        }
        catch (IOException exception)
        {
            Fail(exception);
        }
    }

    /// <summary>Writes what still waits, and ends the output.</summary>
    public virtual void Dispose()
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

    private bool TryWrite(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions)
    {
        try
        {
            if (_hasFailed && !output.CanGoOn)
                return false;
            output.Write(records, distributions);
            _hasFailed = false;
            return true;
        }
        catch (IOException exception)
        {
            Fail(exception);
            return false;
        }
    }

    /// <summary>Any thread.</summary>
    protected void CountNotWritten(in Tally records)
    {
        lock (_counting)
            _notWritten += records;
    }

    private void Fail(IOException exception)
    {
        _hasFailed = true;
        _failure = $"writing to {output.Name} failed: {OutputFiles.Cause(exception)}";
    }
}
