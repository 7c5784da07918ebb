using System.Net.Sockets;
using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// Export to one collector: connects, and connects again; sends Templates when they are due and Data Records as
/// messages fill. A state machine that the exporter thread turns by <see cref="Pump"/>; it never waits. Records come
/// from a buffer that outlives it, and leave that when they go into a message.
/// </summary>
internal sealed class CollectorSession : IDisposable
{
    private const int SendAttempts = 3;
    private static readonly TimeSpan s_errorCheckInterval = TimeSpan.FromSeconds(1);

    private readonly ExportOptions _options;
    private readonly ExportContent _content;
    private readonly Queue<EncodedRecord> _announcements = new(); // to be sent before the next record of a flow
    private readonly TransportConnector _connect;
    private readonly TimeProvider _time;
    private readonly ExportCounters _counters;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly byte[] _buffer = new byte[ushort.MaxValue];

    private MessageWriter _writer;
    private Task<ITransport>? _connecting;
    private ITransport? _transport;
    private long _connectAt;
    private long _templatesDueAt;
    private long _statisticsDueAt;
    private ExportStatistics _exported;
    private long _messageDueAt;
    private long _errorCheckAt;
    private bool _sentSinceCheck;
    private bool _lostSinceCheck;
    private int _recordsInLastMessage;
    private bool _isDisposed;

    public CollectorSession(
        CollectorAddress collector, ExportOptions options, IReadOnlyList<ObservationPoint> observationPoints,
        TransportConnector connect, TimeProvider time, ExportCounters counters)
    {
        Collector = collector;
        _options = options;
        _content = new ExportContent(options, observationPoints);
        _connect = connect;
        _time = time;
        _counters = counters;
        _writer = NewWriter();
        _connectAt = Now;
    }

    public CollectorAddress Collector { get; }

    /// <summary>Why nothing arrives at the moment; empty when all is well.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Records in the message being built.</summary>
    public int RecordsInMessage => _writer.Records;

    private long Now => _time.GetTimestamp();

    /// <summary>The next message begins with the Templates.</summary>
    public void SendTemplatesAgain() => _templatesDueAt = Now;

    /// <summary>
    /// Sends what is due, as many messages as one burst may have; with <paramref name="flush"/>, also a message that is
    /// not full. True if there is more to send after a pause.
    /// </summary>
    /// <param name="mayHurry">Whether bursts may be longer when the waiting room fills up: not where the workers wait.</param>
    public bool Pump(RecordBuffer records, bool flush, bool mayHurry = true)
    {
        if (!TryConnect())
            return false;
        CheckForErrors();
        if (!TryAnnounce())
            return false;
        // Records that find no room here are lost for certain, those of a long burst only perhaps.
        bool mustHurry = mayHurry && records.Count > records.Room;
        int messages = _options.MessagesPerBurst * (mustHurry ? _options.BurstFactorInHurry : 1);
        while (records.Count > 0)
        {
            BeginMessageIfEmpty();
            if (TryAddFirst(records))
            {
                records.RemoveFirst();
                continue;
            }
            if (_writer.IsEmpty)
            {
                OnTooLong();
                records.RemoveFirst();
                continue;
            }
            if (!TrySend())
                return false;
            if (--messages == 0)
                return true;
        }
        if (!_writer.IsEmpty && (flush || Now >= _messageDueAt))
            TrySend();
        return false;
    }

    /// <summary>Adds the oldest Data Record to the message being built, if it fits.</summary>
    private bool TryAddFirst(RecordBuffer records)
    {
        ref readonly FlowRecord record = ref records.First;
        uint index = _content.InterfaceIndex(in record);
        return record.HasReverse
            ? _writer.TryAddBiflow(in record, in records.FirstReverse, index)
            : _writer.TryAddRecord(in record, index, records.FirstByteDistribution);
    }

    /// <summary>Statistics go into the next message, whether due or not.</summary>
    public void SendStatistics() => _statisticsDueAt = Now;

    /// <summary>Sends the message being built, if there is a way.</summary>
    public void Flush()
    {
        if (_transport is not null && !_writer.IsEmpty)
            TrySend();
    }

    /// <summary>
    /// Ends the session. Records in a message that could not be sent, or was refused, are counted as lost.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_transport?.TakeError() == SocketError.ConnectionRefused)
            OnRefused();
        _counters.AddLost(_writer.Records);
        _writer.Next();
        _cancellation.Cancel();
        // A connection that is still being made has no owner any more.
        _connecting?.ContinueWith(
            static task =>
            {
                if (task.IsCompletedSuccessfully)
                    task.Result.Dispose();
                else
                    _ = task.Exception; // marks it as seen
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _transport?.Dispose();
        _transport = null;
        _cancellation.Dispose();
    }

    private bool TryConnect()
    {
        if (_transport is not null)
            return true;
        if (_connecting is null)
        {
            if (Now < _connectAt)
                return false;
            _connecting = _connect(Collector, _cancellation.Token);
        }
        if (!_connecting.IsCompleted)
            return false;
        Task<ITransport> connected = _connecting;
        _connecting = null;
        if (!connected.IsCompletedSuccessfully)
        {
            string reason = connected.Exception?.GetBaseException().Message ?? "connecting was cancelled";
            Fail(reason);
            return false;
        }
        _transport = connected.Result;
        _writer = NewWriter();
        _recordsInLastMessage = 0;
        _errorCheckAt = Later(s_errorCheckInterval);
        Problem = "";
        _announcements.Clear();
        SendTemplatesAgain();
        _statisticsDueAt = Later(_options.StatisticsInterval);
        return true;
    }

    /// <summary>Puts Templates and statistics that are due into messages; false if they cannot all be sent now.</summary>
    private bool TryAnnounce()
    {
        if (Now >= _templatesDueAt)
        {
            if (!_writer.IsEmpty && !TrySend())
                return false;
            foreach (EncodedRecord record in _content.Announcements)
                _announcements.Enqueue(record);
            _templatesDueAt = Later(_options.TemplateInterval);
        }
        if (Now >= _statisticsDueAt)
        {
            foreach (EncodedRecord record in _content.Statistics(_exported with { NotSentFlows = _counters.Lost }))
                _announcements.Enqueue(record);
            _statisticsDueAt = Later(_options.StatisticsInterval);
        }
        while (_announcements.TryPeek(out EncodedRecord? next))
        {
            BeginMessageIfEmpty();
            if (!_writer.TryAdd(next) && !_writer.IsEmpty)
            {
                if (!TrySend())
                    return false;
                continue;
            }
            _announcements.Dequeue(); // also if it is longer than any message here may be
        }
        return true;
    }

    private void BeginMessageIfEmpty()
    {
        if (!_writer.IsEmpty)
            return;
        // The path MTU can have changed since the message before.
        _writer.MaximumLength = _transport!.MaximumMessageLength;
        _messageDueAt = Later(_options.FlushInterval);
    }

    /// <summary>False if it was not sent: then either it stays for the next try, or the session begins anew.</summary>
    private bool TrySend()
    {
        ReadOnlySpan<byte> message = _writer.Complete(_time.GetUtcNow());
        SocketError error = _transport!.Send(message);
        for (int attempt = 1; attempt < SendAttempts && error == SocketError.ConnectionRefused; attempt++)
        {
            OnRefused();
            error = _transport.Send(message);
        }
        switch (error)
        {
            case SocketError.Success:
                _counters.AddSent(_writer.Records);
                _exported.Messages++;
                _exported.Octets += (ulong)message.Length;
                _exported.FlowRecords += (ulong)_writer.Records;
                _recordsInLastMessage = _writer.Records;
                _sentSinceCheck = true;
                _writer.Next();
                return true;
            case SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable or SocketError.ConnectionRefused:
                return false; // passes: the next Pump tries again
            default:
                _counters.AddLost(_writer.Records);
                _writer.Next();
                _transport.Dispose();
                _transport = null;
                Fail($"sending to the collector {Collector} failed: {new SocketException((int)error).Message}");
                return false;
        }
    }

    /// <summary>
    /// Once a second: what ICMP has said of the messages sent. A problem is forgotten when messages were sent and no
    /// record was lost for as long.
    /// </summary>
    private void CheckForErrors()
    {
        if (Now < _errorCheckAt)
            return;
        _errorCheckAt = Later(s_errorCheckInterval);
        if (_transport!.TakeError() == SocketError.ConnectionRefused)
            OnRefused();
        if (_sentSinceCheck && !_lostSinceCheck)
            Problem = "";
        _sentSinceCheck = false;
        _lostSinceCheck = false;
    }

    /// <summary>
    /// The message before did not arrive: nobody listens there. Sending goes on, for somebody may again.
    /// </summary>
    private void OnRefused()
    {
        _lostSinceCheck = true;
        Problem = $"the collector {Collector} refuses: nothing listens on its port (sending goes on)";
        _counters.MoveToLost(_recordsInLastMessage);
        _recordsInLastMessage = 0;
    }

    /// <summary>
    /// A record does not fit even a message of its own, which may not be longer than what goes through unfragmented
    /// (RFC 7011 section 10.3.3).
    /// </summary>
    private void OnTooLong()
    {
        _lostSinceCheck = true;
        Problem = $"records are longer than a message to the collector {Collector} may be, {_writer.MaximumLength} octets: "
            + "raise the MTU of the way there, or leave out --byte-distribution";
        _counters.AddLost(1);
    }

    private void Fail(string reason)
    {
        Problem = $"{reason} (trying again)";
        _connectAt = Later(_options.RetryInterval);
    }

    private MessageWriter NewWriter() => new(_buffer, _options.ObservationDomainId, _content.Templates);

    private long Later(TimeSpan after) => Now + (long)(after.TotalSeconds * _time.TimestampFrequency);
}
