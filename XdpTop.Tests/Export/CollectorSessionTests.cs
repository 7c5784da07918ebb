using System.Net.Sockets;
using XdpTop.Export;
using XdpTop.Flows;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

public sealed class CollectorSessionTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly FakeTransport _transport = new();
    private readonly ExportCounters _counters = new();
    private readonly RecordBuffer _records = new(10_000);
    private readonly Queue<Func<Task<ITransport>>> _connections = [];
    private readonly CollectorSession _session;

    public CollectorSessionTests()
    {
        Assert.True(CollectorAddress.TryParse("collector.example", out CollectorAddress? address, out _));
        _session = new CollectorSession(
            address, new ExportOptions { MessagesPerBurst = 10, TemplateMessages = 200, RetryInterval = TimeSpan.FromSeconds(3), RetryJitter = 0 }, [new("lo", 1), new("eth9", 9)],
            (_, _) => _connections.TryDequeue(out Func<Task<ITransport>>? connect)
                ? connect()
                : Task.FromResult<ITransport>(_transport),
            _time, _counters);
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Templates_go_first_and_a_message_that_is_not_full_after_a_second()
    {
        Add(TestRecords.Tcp());
        _session.Pump(_records, flush: false);
        _time.Advance(TimeSpan.FromSeconds(0.99));
        _session.Pump(_records, flush: false);
        Assert.Empty(_transport.Records);
        Assert.Equal(1, _session.RecordsUnderway);

        _time.Advance(TimeSpan.FromSeconds(0.01));
        _session.Pump(_records, flush: false);
        Assert.Equal(KnownTemplates.Uniflows, TemplateIds);
        Assert.NotEmpty(_transport.Messages.First().TemplateIds);
        Assert.Single(_transport.Records);
        Assert.Equal(1u, _counters.Sent.Records);
        Assert.Equal(0, _session.RecordsUnderway);
    }

    [Fact]
    public void Templates_are_sent_again_when_their_time_is_over_even_if_no_record_came()
    {
        _session.Pump(_records, flush: true);
        _time.Advance(TimeSpan.FromSeconds(59));
        _session.Pump(_records, flush: true);
        Assert.Equal(KnownTemplates.Uniflows, TemplateIds);
        _time.Advance(TimeSpan.FromSeconds(1));
        _session.Pump(_records, flush: true);
        Assert.Equal([.. KnownTemplates.Uniflows, .. KnownTemplates.Uniflows], TemplateIds);
    }

    [Fact]
    public void Statistics_are_sent_each_minute_and_when_asked_for()
    {
        DecodedRecord[] Exported() => [.. _transport.Messages.SelectMany(message => message.Options).Where(record => record.Fields.ContainsKey((0, 42)))];
        Add(TestRecords.Random(100, seed: 9));
        while (_session.Pump(_records, flush: true))
        {
        }
        Assert.Empty(Exported());
        int messages = _transport.Messages.Count;
        _time.Advance(TimeSpan.FromSeconds(60));
        _session.Pump(_records, flush: true);
        DecodedRecord statistics = Assert.Single(Exported());
        Assert.Equal(100ul, statistics.Number(42));
        // Those of the minute before, and what was full of Templates sent again meanwhile.
        Assert.InRange(statistics.Number(41), (ulong)messages, (ulong)_transport.Messages.Count - 1);
        Assert.Equal((ulong)_transport.Messages.Take((int)statistics.Number(41)).Sum(message => message.Length), statistics.Number(40));
        _session.SendStatistics();
        _session.Pump(_records, flush: true);
        Assert.Equal(2, Exported().Length);
    }

    [Fact]
    public void Templates_are_sent_again_after_so_many_messages()
    {
        Add(TestRecords.Random(8000, seed: 6)); // each message has some of them
        while (_session.Pump(_records, flush: true))
        {
        }
        int[] at = [.. _transport.Messages.Select((message, i) => (message, i)).Where(pair => pair.message.TemplateIds.Contains(256)).Select(pair => pair.i)];
        Assert.InRange(at[0], 0, 1); // after what describes xdptop's own elements
        Assert.True(at.Length > 3);
        Assert.All(at.Zip(at.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 200, 280)); // the rest of a burst goes first
    }

    [Fact]
    public void Many_records_go_in_bursts_in_messages_within_the_path_MTU_with_right_sequence_numbers()
    {
        FlowRecord[] records = TestRecords.Random(1000, seed: 4);
        Add(records);
        Assert.True(_session.Pump(_records, flush: false, urgency: 0));
        Assert.Equal(10, MessagesWithRecords);
        _transport.MaximumMessageLength = 700; // from the message after the one begun
        while (_session.Pump(_records, flush: true))
        {
        }
        Assert.All(_transport.Messages.Skip(13), message => Assert.InRange(message.Length, 17, 700));
        uint sequence = 0;
        foreach (DecodedMessage message in _transport.Messages)
        {
            Assert.InRange(message.Length, 17, 1420);
            Assert.Equal(sequence, message.SequenceNumber);
            sequence += message.DataRecords;
        }
        DecodedRecord[] decoded = [.. _transport.Records];
        Assert.Equal(records.Length, decoded.Length);
        for (int i = 0; i < records.Length; i++)
            MessageWriterTests.AssertEqual(in records[i], records[i].ObservationPoint == 0 ? 1u : 9u, decoded[i]);
    }

    [Theory]
    [InlineData(500, null, 10)]
    [InlineData(2500, null, 29)]
    [InlineData(5000, null, 87)]
    [InlineData(10_000, null, 320)]
    [InlineData(10_000, 0.0, 10)]
    [InlineData(5000, 0.25, 29)]
    public void Bursts_are_the_longer_the_more_records_wait_or_the_more_it_presses(int waiting, double? urgency, int messages)
    {
        Add(TestRecords.Random(waiting, seed: 5)); // of 10,000
        Assert.True(_session.Pump(_records, flush: false, urgency));
        Assert.Equal(messages, MessagesWithRecords);
    }

    [Fact]
    public void A_collector_that_cannot_be_reached_is_tried_again_and_records_wait()
    {
        _connections.Enqueue(() => Task.FromException<ITransport>(new IOException("no address for the collector name 'x'")));
        Add(TestRecords.Tcp());
        _session.Pump(_records, flush: true);
        Assert.Equal("no address for the collector name 'x' (trying again)", _session.Problem);
        Assert.Equal(1, _records.Count);

        TaskCompletionSource<ITransport> slow = new();
        _connections.Enqueue(() => slow.Task);
        _time.Advance(TimeSpan.FromSeconds(2.9));
        _session.Pump(_records, flush: true);
        Assert.Single(_connections);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        _session.Pump(_records, flush: true);
        Assert.Empty(_connections);
        Assert.NotEqual("", _session.Problem);
        Assert.Equal(1, _records.Count);

        slow.SetResult(_transport);
        _session.Pump(_records, flush: true);
        Assert.Equal("", _session.Problem);
        Assert.Single(_transport.Records);
    }

    [Fact]
    public void A_refusal_counts_the_message_before_as_lost_and_this_one_is_sent()
    {
        Add(TestRecords.Tcp());
        _session.Pump(_records, flush: true);
        Assert.Equal(1u, _counters.Sent.Records);

        Add(TestRecords.Tcp(), TestRecords.Tcp());
        _transport.SendResults.Enqueue(SocketError.ConnectionRefused);
        _session.Pump(_records, flush: true);
        Assert.Equal((2u, 1u), (_counters.Sent.Records, _counters.NotSent.Records));
        Assert.Contains("refuses", _session.Problem, StringComparison.Ordinal);
        Assert.Equal((uint)_transport.Messages.SkipLast(1).Sum(message => message.DataRecords), _transport.Messages.Last().SequenceNumber);

        // The second message was refused too, as the check says that follows.
        _transport.PendingError = SocketError.ConnectionRefused;
        _time.Advance(TimeSpan.FromSeconds(1));
        _session.Pump(_records, flush: true);
        Assert.Equal((0u, 3u), (_counters.Sent.Records, _counters.NotSent.Records));
        Assert.Equal((ulong)_transport.Messages.Where(message => message.Records.Count == 0).Sum(message => message.Length), _counters.MessageOctets);
        Assert.NotEqual("", _session.Problem);
    }

    [Fact]
    public void While_it_refuses_and_when_it_does_not_any_more_templates_are_sent_again_each_second()
    {
        int Announced() => _transport.Messages.Count(message => message.TemplateIds.Count > 0);
        _session.Pump(_records, flush: true);
        int once = Announced();
        Add(TestRecords.Tcp());
        _transport.SendResults.Enqueue(SocketError.ConnectionRefused);
        _session.Pump(_records, flush: true); // learns of it
        _session.Pump(_records, flush: true);
        Assert.Equal(2 * once, Announced());
        for (int pump = 0; pump < 10; pump++)
        {
            Add(TestRecords.Tcp());
            _session.Pump(_records, flush: true);
        }
        Assert.Equal((10, 2 * once), (_records.Count, Announced())); // records wait
        _transport.SendResults.Enqueue(SocketError.ConnectionRefused);
        _time.Advance(TimeSpan.FromSeconds(1));
        _session.Pump(_records, flush: true);
        Assert.Equal((10, 3 * once), (_records.Count, Announced()));
        _time.Advance(TimeSpan.FromSeconds(1));
        _session.Pump(_records, flush: true);
        Assert.Equal((10, 4 * once), (_records.Count, Announced()));
        _time.Advance(TimeSpan.FromSeconds(1));
        _session.Pump(_records, flush: true); // nothing was refused: who is there now may have come at any time
        Assert.Equal((0, "", 5 * once), (_records.Count, _session.Problem, Announced()));
        _time.Advance(TimeSpan.FromSeconds(1));
        _session.Pump(_records, flush: true);
        Assert.Equal(5 * once, Announced());
    }

    [Fact]
    public void A_refusal_is_forgotten_when_messages_arrive_again()
    {
        _session.Pump(_records, flush: true);
        _transport.PendingError = SocketError.ConnectionRefused;
        _time.Advance(TimeSpan.FromSeconds(1));
        Add(TestRecords.Tcp());
        _session.Pump(_records, flush: true);
        Assert.NotEqual("", _session.Problem);
        _time.Advance(TimeSpan.FromSeconds(1));
        _session.Pump(_records, flush: true);
        Assert.Equal("", _session.Problem);
    }

    [Fact]
    public void A_full_socket_buffer_loses_nothing()
    {
        Add(TestRecords.Tcp());
        _transport.SendResults.Enqueue(SocketError.WouldBlock);
        _session.Pump(_records, flush: true);
        Assert.Empty(_transport.Messages);
        _session.Pump(_records, flush: true);
        Assert.Single(_transport.Records);
        Assert.Equal((1u, 0u), (_counters.Sent.Records, _counters.NotSent.Records));
    }

    [Fact]
    public void When_sending_fails_the_session_begins_anew_with_templates_and_sequence_numbers()
    {
        Add(TestRecords.Tcp());
        _session.Pump(_records, flush: true);
        Add(TestRecords.Tcp(), TestRecords.Tcp());
        _transport.SendResults.Enqueue(SocketError.NetworkUnreachable);
        _session.Pump(_records, flush: true);
        Assert.True(_transport.IsDisposed);
        Assert.Equal((1u, 2u), (_counters.Sent.Records, _counters.NotSent.Records));
        Assert.Contains("sending to the collector udp://collector.example:4739 failed", _session.Problem, StringComparison.Ordinal);

        Add(TestRecords.Tcp());
        int before = _transport.Messages.Count;
        _time.Advance(TimeSpan.FromSeconds(3));
        _session.Pump(_records, flush: true);
        Assert.Equal(0u, _transport.Messages.ElementAt(before).SequenceNumber);
        Assert.Equal([.. KnownTemplates.Uniflows, .. KnownTemplates.Uniflows], TemplateIds);
        Assert.Equal("", _session.Problem);
    }

    [Fact]
    public void A_session_that_ends_while_connecting_leaves_no_transport_open()
    {
        TaskCompletionSource<ITransport> slow = new();
        _connections.Enqueue(() => slow.Task);
        _session.Pump(_records, flush: true);
        _session.Dispose();
        slow.SetResult(_transport);
        Assert.True(SpinWait.SpinUntil(() => _transport.IsDisposed, TimeSpan.FromSeconds(10)));
    }

    private IEnumerable<int> TemplateIds => _transport.Messages.SelectMany(message => message.TemplateIds);

    private int MessagesWithRecords => _transport.Messages.Count(message => message.Records.Count > 0);

    private void Add(params FlowRecord[] records)
    {
        foreach (ref readonly FlowRecord record in records.AsSpan())
            Assert.Equal(default, _records.Add([record]));
    }
}
