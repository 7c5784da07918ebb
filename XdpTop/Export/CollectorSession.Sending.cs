using System.Net.Sockets;

namespace XdpTop.Export;

// How messages go to the transport.
internal sealed partial class CollectorSession
{
    private const int SendAttempts = 3;

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
        if (error != SocketError.Success)
        {
            OnNotTaken(error);
            return false;
        }
        OnTaken(message.Length);
        return true;
    }

    /// <summary>What the transport has gathered goes out.</summary>
    private void HandOver()
    {
        SocketError error = _transport?.Flush() ?? SocketError.Success;
        for (int attempt = 1; attempt < SendAttempts && error == SocketError.ConnectionRefused; attempt++)
        {
            OnRefused();
            error = _transport!.Flush();
        }
        if (_transport is not null)
            _underway.Count(_transport.Delivered, Now);
        OnNotTaken(error);
    }

    /// <summary>What passes is tried again with the next Pump; else the session begins anew.</summary>
    private void OnNotTaken(SocketError error)
    {
        if (error is SocketError.Success or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable)
            return;
        if (error == SocketError.ConnectionRefused)
            OnRefused();
        else
            Fail($"sending to the collector {Collector} failed: {new SocketException((int)error).Message}");
    }

    private void OnTaken(int octets)
    {
        _underway.Add(in _message, octets, Now);
        bool hasFlows = _message.Records > 0;
        _message = default;
        _writer.Next();
        _underway.Count(_transport!.Delivered, Now);
        _sentSinceCheck = true;
        if (hasFlows && ++_messagesSinceTemplates >= _options.TemplateMessages)
            SendTemplatesAgain();
    }

    /// <summary>
    /// A record does not fit even a message of its own, which may not be longer than what goes through unfragmented
    /// (RFC 7011 section 10.3.3).
    /// </summary>
    private void OnTooLong(in Tally record)
    {
        _lostSinceCheck = true;
        Problem = $"records are longer than a message to the collector {Collector} may be, {_writer.MaximumLength} octets: "
            + "raise the MTU of the way there, or leave out --byte-distribution";
        _counters.AddNotSent(in record);
    }
}
