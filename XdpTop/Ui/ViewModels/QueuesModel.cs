using XdpTop.Flows;
using XdpTop.Monitoring;

namespace XdpTop.Ui.ViewModels;

/// <summary>The Queues view: two lines for each worker: of it and its RX queues, and of what the kernel has counted for it.</summary>
internal sealed class QueuesModel(ScreenModel screen) : PageModel
{
    private const int HeadingLines = 2;
    private const int LinesPerQueue = 2;
    private const int FooterNumberWidth = 5;
    private const int FooterLines = 4; // one of them empty
    private const int MostInterfaces = 3;
    private const int ShareWidth = 6;

    private int _top; // first of the queues, and when all of these have been gone through, of the interfaces
    private int _queues;
    private int _visibleQueues = 1;
    private int _hiddenInterfaces;

    public override IReadOnlyList<(string Keys, string Label)> Keys { get; } =
    [
        ("r", "Reset"), ("w", "Write"), .. CommonKeys,
    ];

    public override IReadOnlyList<string> Help { get; } =
    [
        "Queues: a worker and its RX queues in two lines. Batch: frames taken at once,",
        "64 are a full one. Gap: the longest time between two looks at the ring.",
        "Flows/room: of the flow cache. Ring: frames that wait, and its size. Below:",
        "what the kernel counted, and no room: flows ended since the cache was full.",
        "What has been lost is explained below the table. Up and down go through the",
        "queues, and then through the interfaces.",
    ];

    public override int PageSize => _visibleQueues;

    private int LastTop => Math.Max(0, _queues - _visibleQueues);

    public override int RowCount => screen.Snapshot.Queues.Length;

    public override void Draw(CellGrid grid)
    {
        TrafficSnapshot snapshot = screen.Snapshot;
        _queues = snapshot.Queues.Length;
        InterfaceStatus[] counted = [.. snapshot.Interfaces.Where(status => status.HasCounters)];
        int interfaces = Math.Min(counted.Length, MostInterfaces);
        _hiddenInterfaces = counted.Length - interfaces;
        _visibleQueues = Math.Max(1, (grid.Height - HeadingLines - FooterLines - interfaces) / LinesPerQueue);
        Scroll(0);
        DrawHeadings(grid);
        int top = Math.Min(_top, LastTop), topInterface = _top - top;
        for (int i = top; i < _queues && i - top < _visibleQueues; i++)
            DrawQueue(grid, HeadingLines + LinesPerQueue * (i - top), screen.Base.Since(i, in snapshot.Queues[i]));
        DrawAdvice(grid, HeadingLines + LinesPerQueue * Math.Min(_visibleQueues, _queues) + 1, grid.Height - FooterLines - interfaces);
        if (_queues == 0)
            grid.Write(2, HeadingLines + 1, "No queues yet.", Style.Label);
        DrawFooter(grid, snapshot);
        int row = grid.Height - FooterLines - interfaces + 1;
        if (row < HeadingLines + LinesPerQueue)
            return;
        if (_hiddenInterfaces > 0)
            grid.Write(0, row - 1, $"Interfaces {topInterface + 1} to {topInterface + interfaces} of {counted.Length}: all by the cursor's keys", Style.Label);
        foreach (InterfaceStatus status in counted.Skip(topInterface).Take(interfaces))
            DrawInterface(grid, row++, status);
    }

    public override void Move(int rows) => Scroll(rows);

    public override IEnumerable<(string Name, object Value)> Fields(int row)
    {
        QueueStatus queue = screen.Base.Since(row, in screen.Snapshot.Queues[row]);
        XskStatistics xsk = queue.Xsk ?? default;
        return
        [
            ("interface", queue.Interface), ("queues", queue.Queues ?? ""), ("cpu", (long)queue.Cpu),
            ("receivedPackets", (long)queue.ReceivedPackets), ("packetsPerSecond", queue.PacketsPerSecond),
            ("batchFill", queue.BatchFill), ("longestGapSeconds", queue.LongestGap.TotalSeconds),
            ("liveFlows", (long)queue.LiveFlows), ("flowCapacity", (long)queue.FlowCapacity),
            ("lackOfResources", (long)queue.LackOfResources), ("ringFill", (long)queue.RingFill), ("ringSize", (long)queue.RingSize),
            ("rxDropped", (long)(xsk.RxDropped ?? 0)), ("rxRingFull", (long)(xsk.RxRingFull ?? 0)),
            ("rxFillRingEmpty", (long)(xsk.RxFillRingEmptyDescs ?? 0)), ("rxInvalid", (long)(xsk.RxInvalidDescs ?? 0)),
        ];
    }

    /// <summary>What each counter of losses means that is not 0, and what can be done.</summary>
    private void DrawAdvice(CellGrid grid, int row, int last)
    {
        ObservationPointCounters totals = screen.Totals;
        ulong fillEmpty = 0, invalid = 0;
        for (int i = 0; i < _queues; i++)
        {
            XskStatistics? xsk = screen.Base.Since(i, in screen.Snapshot.Queues[i]).Xsk;
            fillEmpty += xsk?.RxFillRingEmptyDescs ?? 0;
            invalid += xsk?.RxInvalidDescs ?? 0;
        }
        Advise(totals.RingFullDrops, "ring full: workers were too slow. More queues or workers (-t), cores of their own (--cpus), a larger --ring-size");
        Advise(totals.OtherDrops, "dropped: no free frame, or a packet longer than one. More --frames, a larger --frame-size; or GRO off (ethtool -K)");
        Advise(fillEmpty, "fill empty: the kernel found no free frame to receive into. More --frames");
        Advise(invalid, "rx invalid: the kernel refused a frame that xdptop gave it, which should not be: please report it");
        Advise(totals.RecordsDropped, "records: outputs or the collector are too slow for the flows that end. Fewer outputs, or a faster disk");
        Advise(totals.LeftToHost, "to host: frames of queues that are not read. Read all of them (no -q)");

        void Advise(ulong count, string words)
        {
            if (count == 0 || row >= last)
                return;
            grid.Write(0, row, "!", Style.Warning);
            row = grid.WriteLines(2, row, last, words);
        }
    }

    public override void Scroll(int queues) => _top = Math.Clamp(_top + queues, 0, LastTop + _hiddenInterfaces);

    private static void DrawHeadings(CellGrid grid)
    {
        grid.Paint(0, Style.Heading);
        grid.Paint(1, Style.Heading);
        FieldLine worker = new(grid, 0, Style.Heading);
        worker.Left(16, "Interface");
        worker.Right(5, "Queue");
        worker.Right(4, "CPU");
        worker.Right(9, "Received");
        worker.Right(7, "pkt/s");
        worker.Right(7, "Batch");
        worker.Right(8, "Gap");
        worker.Right(13, "Flows/room");
        worker.Right(10, "Ring");
        FieldLine socket = new(grid, 1, Style.Heading);
        socket.Left(12, " kernel");
        socket.Right(8, "dropped");
        socket.Right(10, "ring full");
        socket.Right(11, "fill empty");
        socket.Right(11, "rx invalid");
        socket.Right(11, "tx invalid");
        socket.Right(9, "tx empty");
        socket.Right(8, "no room");
    }

    /// <summary>What the interface itself has counted, and what became of it before a queue.</summary>
    private void DrawInterface(CellGrid grid, int row, InterfaceStatus status)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        (ObservationPointCounters counters, IEnumerable<(string, ulong)> drops) = screen.Base.Since(status);
        double? coverage = status.Counters.Coverage; // since start: of a moment it says nothing
        grid.WriteFitted(0, row, ShareWidth, text[..NumberText.WriteShare(coverage, text)], right: true, coverage < 1 ? Style.Warning : Style.Strong);
        int column = grid.Write(ShareWidth, row, " coverage of ", Style.Label);
        column = grid.Write(column, row, status.Name, Style.Strong);
        column = grid.Write(column, row, ": ", Style.Label);
        column = grid.Write(column, row, text[..NumberText.WriteCount(counters.InterfacePackets, text)], Style.Strong);
        Put("missed", counters.InterfaceMissed, isLoss: true);
        Put("redirect failed", counters.RedirectFailures, isLoss: true);
        Put("to host", counters.LeftToHost, isLoss: false);
        foreach ((string name, ulong count) in drops)
            Put(name, count, isLoss: true);

        void Put(string name, ulong count, bool isLoss)
        {
            Span<char> number = stackalloc char[NumberText.MaximumLength];
            int length = NumberText.WriteCount(count, number);
            // Half a name or half a number would say something else.
            if (column + 2 + name.Length + 1 + length > grid.Width)
                return;
            column = grid.Write(column + 2, row, name, Style.Label) + 1;
            column = grid.Write(column, row, number[..length], isLoss && count > 0 ? Style.Warning : Style.Normal);
        }
    }

    /// <summary>What is no queue's own.</summary>
    private void DrawFooter(CellGrid grid, TrafficSnapshot snapshot)
    {
        int row = grid.Height - FooterLines + 1;
        if (row < HeadingLines + LinesPerQueue)
            return;
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        int column = Put(grid, 0, row, text[..NumberText.WriteRate(snapshot.EvictionsPerSecond, text)], snapshot.EvictionsPerSecond > 0);
        grid.Write(column, row, "flows/s ended for lack of room: more have it with --cache-size", Style.Label);
        ulong fragments = screen.Totals.UnresolvedFragments;
        column = Put(grid, 0, row + 1, text[..NumberText.WriteCount(fragments, text)], fragments > 0);
        grid.Write(column, row + 1, "later IP fragments without their first one: metered, with no ports", Style.Label);
        (int collections, TimeSpan pauses) = screen.Base.CollectionsSince(snapshot);
        column = Put(grid, 0, row + 2, text[..NumberText.WriteCount((ulong)collections, text)], false);
        column = grid.Write(column, row + 2, "garbage collections stopped the workers for ", Style.Label);
        column = grid.Write(column, row + 2, text[..NumberText.WriteDuration(pauses, text)], Style.Strong);
        grid.Write(column, row + 2, " in all", Style.Label);

        static int Put(CellGrid grid, int column, int row, ReadOnlySpan<char> number, bool isLoss)
        {
            grid.WriteFitted(column, row, FooterNumberWidth, number, right: true, isLoss ? Style.Warning : Style.Strong);
            return column + FooterNumberWidth + 1;
        }
    }

    private static void DrawQueue(CellGrid grid, int row, in QueueStatus queue)
    {
        Span<char> text = stackalloc char[2 * NumberText.MaximumLength];
        FieldLine worker = new(grid, row, Style.Strong);
        worker.Left(16, queue.Interface);
        worker.Right(5, queue.Queues ?? "–");
        worker.Right(4, text[..NumberText.WriteInteger(queue.Cpu, text)]);
        worker.Right(9, text[..NumberText.WriteCount(queue.ReceivedPackets, text)]);
        worker.Right(7, text[..NumberText.WriteRate(queue.PacketsPerSecond, text)]);
        worker.Right(7, text[..NumberText.WriteRate(queue.BatchFill, text)]);
        worker.Right(8, text[..NumberText.WriteDuration(queue.LongestGap, text)]);
        worker.Right(13, text[..WriteShare((ulong)queue.LiveFlows, (ulong)queue.FlowCapacity, text)]);
        worker.Right(10, text[..(queue.RingSize == 0 ? NumberText.WriteInteger(-1, text) : WriteShare((ulong)queue.RingFill, (ulong)queue.RingSize, text))]);
        FieldLine socket = new(grid, row + 1, Style.Normal);
        socket.Left(12, "");
        XskStatistics? xsk = queue.Xsk;
        DrawCount(ref socket, 8, xsk?.RxDropped, isLoss: true);
        DrawCount(ref socket, 10, xsk?.RxRingFull, isLoss: true);
        DrawCount(ref socket, 11, xsk?.RxFillRingEmptyDescs, isLoss: true);
        DrawCount(ref socket, 11, xsk?.RxInvalidDescs, isLoss: true);
        DrawCount(ref socket, 11, xsk?.TxInvalidDescs, isLoss: false);
        DrawCount(ref socket, 9, xsk?.TxRingEmptyDescs, isLoss: false);
        DrawCount(ref socket, 8, queue.LackOfResources, isLoss: true);
    }

    private static void DrawCount(ref FieldLine line, int width, ulong? count, bool isLoss)
    {
        Span<char> text = stackalloc char[NumberText.MaximumLength];
        int length = count is { } value ? NumberText.WriteCount(value, text) : NumberText.WriteInteger(-1, text);
        line.Right(width, text[..length], isLoss && count > 0 ? Style.Warning : Style.Normal);
    }

    private static int WriteShare(ulong part, ulong whole, Span<char> text)
    {
        int length = NumberText.WriteCount(part, text);
        text[length++] = '/';
        return length + NumberText.WriteCount(whole, text[length..]);
    }
}
