using System.Globalization;
using XdpTop.Flows;

namespace XdpTop.Export;

/// <summary>
/// An output in one file after the other, each whole for itself. A file has the time of its beginning in its name, and
/// ".part" at the end of it while it is written. One without records is not begun, but for the first.
/// </summary>
internal sealed class RotatingOutput : IRecordOutput
{
    private const string PartEnding = ".part";

    /// <summary>Without a time to begin a new file at, one that failed has another after so long.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly Rotation _rotation;
    private readonly TimeProvider _time;
    private readonly Func<string, FileStream> _create;
    private readonly Func<Stream, IRecordOutput> _write;

    private string _currentPath = "";
    private FileStream? _file;
    private IRecordOutput? _current;
    private long _period;
    private long _begunAt;

    /// <param name="path">As the user gives it; the time goes before the ending.</param>
    /// <param name="create">Creates a file, or throws <see cref="IOException"/>.</param>
    /// <param name="write">Makes the output of one file, which owns that.</param>
    public RotatingOutput(
        string path, Rotation rotation, TimeProvider time, Func<string, FileStream> create, Func<Stream, IRecordOutput> write)
    {
        _path = path;
        _rotation = rotation;
        _time = time;
        _create = create;
        _write = write;
        Begin();
    }

    public string Name => $"'{_path}'";

    /// <summary>Between two looks at a file's length.</summary>
    public int MostRecords => _rotation.Length > 0 ? 32 : int.MaxValue;

    /// <summary>A file that could not be written is not the next one.</summary>
    public bool CanGoOn => _rotation.Interval > TimeSpan.Zero ? Period != _period : _time.GetElapsedTime(_begunAt) >= s_patience;

    private long Period => _rotation.Interval == TimeSpan.Zero ? 0 : _time.GetUtcNow().UtcTicks / _rotation.Interval.Ticks;

    public void Write(ReadOnlySpan<FlowRecord> records, ReadOnlySpan<ByteDistribution> distributions = default)
    {
        Tend();
        if (_current is null)
            Begin();
        _current!.Write(records, distributions);
    }

    public void Tend()
    {
        bool isFull = _rotation.Length > 0 && _file is { } file && file.Position >= _rotation.Length;
        if (isFull || Period != _period)
            Finish();
    }

    public void Dispose() => Finish();

    private void Begin()
    {
        _period = Period;
        _begunAt = _time.GetTimestamp();
        _currentPath = FreePath();
        _file = _create(_currentPath + PartEnding);
        _current = _write(_file);
    }

    private void Finish()
    {
        if (_current is null)
            return;
        IRecordOutput finished = _current;
        _current = null;
        _file = null;
        finished.Dispose();
        try
        {
            if (new FileInfo(_currentPath + PartEnding).Length == 0)
                File.Delete(_currentPath + PartEnding); // not even its first records could be written
            else
                File.Move(_currentPath + PartEnding, _currentPath);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(OutputFiles.Cause(exception), exception);
        }
    }

    private string FreePath()
    {
        string ending = Path.GetExtension(_path);
        string stem = _path[..^ending.Length];
        for (DateTimeOffset time = _time.GetUtcNow(); ; time = time.AddMilliseconds(1))
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"{stem}-{time:yyyyMMdd'T'HHmmss.fff'Z'}{ending}");
            if (!File.Exists(path) && !File.Exists(path + PartEnding))
                return path;
        }
    }
}
