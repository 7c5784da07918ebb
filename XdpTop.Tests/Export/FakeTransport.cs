using System.Collections.Concurrent;
using System.Net.Sockets;
using XdpTop.Export;
using XdpTop.Tests.Ipfix;

namespace XdpTop.Tests.Export;

/// <summary>A network and a collector in a test's hands.</summary>
internal sealed class FakeTransport : ITransport
{
    private readonly IpfixDecoder _decoder = new();
    private int _before;
    private bool _hasEnded;

    public int MaximumMessageLength { get; set; } = 1420;

    /// <summary>What the next calls of <see cref="Send"/> give; Success when it is empty.</summary>
    public ConcurrentQueue<SocketError> SendResults { get; } = [];

    /// <summary>What the next <see cref="TakeError"/> gives.</summary>
    public SocketError PendingError { get; set; }

    public ConcurrentQueue<DecodedMessage> Messages { get; } = [];

    public bool IsDisposed { get; private set; }

    public string Peer => "192.0.2.1:4739";

    public bool IsReliable { get; set; }

    public ulong Delivered
    {
        get
        {
            int delivered = Messages.Count - _before;
            if (_hasEnded)
                _before = Messages.Count; // it may be connected once more
            _hasEnded = false;
            return Math.Min((ulong)delivered, DeliversAtMost);
        }
    }

    /// <summary>No message after so many arrives.</summary>
    public ulong DeliversAtMost { get; set; } = ulong.MaxValue;

    public string Failure { get; set; } = "";

    public IEnumerable<DecodedRecord> Records => Messages.SelectMany(message => message.Records);

    /// <summary>How long each message takes, where it is a slow one.</summary>
    public TimeSpan Delay { get; set; }

    public SocketError Send(ReadOnlySpan<byte> message)
    {
        if (Delay > TimeSpan.Zero)
            Thread.Sleep(Delay);
        if (SendResults.TryDequeue(out SocketError result) && result != SocketError.Success)
            return result;
        Messages.Enqueue(_decoder.Decode(message.ToArray()));
        return SocketError.Success;
    }

    public SocketError Flush() => SocketError.Success;

    public SocketError TakeError()
    {
        SocketError error = PendingError;
        PendingError = SocketError.Success;
        return error;
    }

    public void Dispose() => IsDisposed = _hasEnded = true;
}
