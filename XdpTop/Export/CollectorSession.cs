using System.Net.Sockets;
using XdpTop.Flows;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// Export to one collector: connects, and connects again; sends Templates when they are due and Data Records as
/// messages fill. A state machine that the exporter thread turns by <see cref="Pump"/>; it never waits. Records come
/// from a buffer that outlives it, and leave that when they go into a message: from then on each is sent once, or counted
/// as not sent, and never sent again.
/// </summary>
internal sealed partial class CollectorSession : IDisposable
{
    /// <summary>Over TCP and TLS: messages until the exporter looks after other things.</summary>
    private const int ReliableMessagesPerBurst = 64;

    private readonly ExportOptions _options;
    private readonly ExportContent _content;
    private readonly Queue<EncodedRecord> _announcements = new(); // to be sent before the next record of a flow
    private readonly TimeProvider _time;
    private readonly ExportCounters _counters;
    private readonly Reconnection _reconnection;
    private readonly MessagesUnderway _underway;
    private readonly RecordBuffer _nothing = new(2);
    private readonly byte[] _buffer = new byte[ushort.MaxValue];

    private MessageWriter _writer;
    private Tally _message; // what is in the message being built
    private ITransport? _transport;
    private long _templatesDueAt;
    private long _statisticsDueAt;
    private long _messageDueAt;
    private int _messagesSinceTemplates;
    private int _interfacesVersion;
    private long _problemSince;
    private bool _isStalled;
    private bool _hasStalled; // in the session before, and has not shown to be better yet
    private long _forgivenAt; // if nothing comes that it could show it with
    private bool _isDisposed;

    public CollectorSession(
        CollectorAddress collector, ExportOptions options, IReadOnlyList<ObservationPoint> observationPoints,
        TransportConnector connect, TimeProvider time, ExportCounters counters)
    {
        Collector = collector;
        _options = options;
        _content = new ExportContent(options, observationPoints);
        _time = time;
        _counters = counters;
        _reconnection = new Reconnection(collector, options, connect, time);
        _underway = new MessagesUnderway(counters);
        _writer = NewWriter();
    }

    public CollectorAddress Collector { get; }

    /// <summary>Why nothing arrives at the moment; empty when all is well.</summary>
    public string Problem
    {
        get;
        private set
        {
            if (field.Length == 0)
                _problemSince = Now;
            field = value;
        }
    } = "";

    /// <summary>Whether something has been wrong for longer than this.</summary>
    public bool HasFailedFor(TimeSpan time) => Problem.Length > 0 && Now - _problemSince >= Ticks(time);

    public CollectorState State =>
        Problem.Length > 0 ? CollectorState.Failing : _transport is null ? CollectorState.Connecting : CollectorState.Up;

    public bool IsConnected => _transport is not null;

    /// <summary>When Templates were last sent; null before that.</summary>
    public DateTimeOffset? TemplatesSent { get; private set; }

    /// <summary>Records in the message being built, and in those that the collector's host does not have yet.</summary>
    public int RecordsUnderway => _writer.Records + _underway.Records;

    /// <summary>Whether anything is to be sent, or on its way, that is taken already.</summary>
    public bool IsSending => !_writer.IsEmpty || !_underway.IsEmpty || _announcements.Count > 0 || Now >= _statisticsDueAt;

    private long Now => _time.GetTimestamp();

    /// <summary>
    /// Sends what is due, as many messages as one burst may have; with <paramref name="flush"/>, also a message that is
    /// not full. True if there is more to send after a pause.
    /// </summary>
    /// <param name="urgency">How much longer bursts may be, 0 to 1; null: as the waiting room fills up.</param>
    public bool Pump(RecordBuffer records, bool flush, double? urgency = null)
    {
        if (!TryConnect() || !TrySettle() || !TryCheckForErrors())
            return false;
        bool more = TryAnnounce() && AddAndSend(records, flush, urgency ?? records.Fill);
        HandOver();
        return more;
    }

    /// <summary>True if there is more to send after a pause.</summary>
    private bool AddAndSend(RecordBuffer records, bool flush, double urgency)
    {
        if (_isRefused)
            (records, flush) = (_nothing, true); // Templates alone ask whether somebody listens there again
        int messages = MessagesPerBurst(urgency);
        while (records.Count > 0)
        {
            BeginMessageIfEmpty();
            if (TryAddFirst(records))
            {
                _message += records.FirstTally;
                records.RemoveFirst();
                continue;
            }
            if (_writer.IsEmpty)
            {
                OnTooLong(records.FirstTally);
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

    /// <summary>Statistics go into the next message, whether due or not.</summary>
    public void SendStatistics() => _statisticsDueAt = Now;

    /// <inheritdoc cref="Reconnection.Hurry"/>
    public void Hurry() => _reconnection.Hurry();

    /// <summary>Sends the message being built, if there is a way.</summary>
    public void Flush()
    {
        if (_transport is not null && !_writer.IsEmpty)
            TrySend();
        HandOver();
    }

    /// <summary>
    /// Ends the session. Records in a message that could not be sent, was refused, or has not arrived are counted as not
    /// sent.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_transport?.TakeError() == SocketError.ConnectionRefused)
            OnRefused();
        if (_transport is null && Problem.Length == 0)
            Problem = $"the collector {Collector} has not answered";
        EndTransport();
        _reconnection.Dispose();
    }

    private bool TryConnect()
    {
        if (_transport is not null)
            return true;
        _transport = _reconnection.TryTake(out string failure);
        if (_transport is null)
        {
            if (failure.Length > 0)
                Problem = TryingAgain(failure);
            return false;
        }
        _writer = NewWriter();
        _errorCheckAt = Later(s_errorCheckInterval);
        _announcements.Clear();
        _templatesDueAt = Now;
        _statisticsDueAt = Later(_options.StatisticsInterval);
        _forgivenAt = Later(_options.LongestRetryInterval);
        if (!_isRefused && !_hasStalled)
            Problem = "";
        return true;
    }

    /// <summary>Counts what has arrived. False if the session has ended.</summary>
    private bool TrySettle()
    {
        string failure = _transport!.Failure;
        _underway.Count(_transport.Delivered, Now);
        if (failure.Length > 0)
        {
            Fail(failure);
            return false;
        }
        bool isStalled = _underway.IsStalled(Now, Ticks(_options.StallInterval));
        if (isStalled != _isStalled)
        {
            Problem = isStalled ? $"the collector {Collector} takes nothing (waiting)" : "";
            _problemSince = _underway.WellUntil(Now);
        }
        _isStalled = isStalled;
        if (_hasStalled && !isStalled && (_underway.HasDelivered || Now >= _forgivenAt))
        {
            _hasStalled = false;
            Problem = "";
        }
        return true;
    }

    // Records that find no room here are lost for certain, those of a long burst only perhaps.
    private int MessagesPerBurst(double urgency) => _transport!.IsReliable
        ? ReliableMessagesPerBurst
        : (int)(_options.MessagesPerBurst * (1 + urgency * urgency * (_options.BurstFactorInHurry - 1)));

    /// <summary>Adds the oldest Data Record to the message being built, if it fits.</summary>
    private bool TryAddFirst(RecordBuffer records)
    {
        ref readonly FlowRecord record = ref records.First;
        uint index = _content.InterfaceIndex(in record);
        return record.HasReverse
            ? _writer.TryAddBiflow(in record, in records.FirstReverse, index)
            : _writer.TryAddRecord(in record, index, records.FirstByteDistribution);
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
            _templatesDueAt = _transport!.IsReliable ? long.MaxValue : Later(_options.TemplateInterval);
            _messagesSinceTemplates = 0;
            _interfacesVersion = _content.InterfacesVersion;
            TemplatesSent = _time.GetUtcNow();
        }
        if (_interfacesVersion != _content.InterfacesVersion)
        {
            // One has come back under another number, which the flows that follow have.
            _interfacesVersion = _content.InterfacesVersion;
            foreach (EncodedRecord record in _content.Interfaces)
                _announcements.Enqueue(record);
        }
        if (Now >= _statisticsDueAt)
        {
            foreach (EncodedRecord record in _content.Statistics(Exported()))
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

    /// <summary>What is on its way counts as sent until it turns out to be lost.</summary>
    private ExportStatistics Exported() => new()
    {
        Messages = _counters.Messages + _underway.Messages,
        Octets = _counters.MessageOctets + _underway.Octets,
        FlowRecords = _counters.Sent.Records + (ulong)_underway.Records,
        NotSentFlows = _counters.NotSent.Records,
        NotSentPackets = _counters.NotSent.Packets,
        NotSentOctets = _counters.NotSent.Octets,
    };

    private void Fail(string reason)
    {
        long wellUntil = _underway.WellUntil(Now);
        _hasStalled |= _isStalled;
        EndTransport();
        Problem = TryingAgain(reason);
        _reconnection.OnFailed(wellUntil);
    }

    private void EndTransport()
    {
        _counters.AddNotSent(in _message);
        _message = default;
        _writer.Next();
        if (_transport is null)
            return;
        _transport.Dispose();
        _underway.Count(_transport.Delivered, Now);
        _underway.GiveUp();
        _isStalled = false;
        _transport = null;
    }

    private MessageWriter NewWriter() => new(_buffer, _options.ObservationDomainId, _content.Templates);

    private static string TryingAgain(string reason) => $"{reason} (trying again)";

    private long Later(TimeSpan after) => Now + Ticks(after);

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);
}
