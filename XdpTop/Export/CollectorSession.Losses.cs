using System.Net.Sockets;

namespace XdpTop.Export;

// What is done about UDP's telling little of what becomes of a message.
internal sealed partial class CollectorSession
{
    private static readonly TimeSpan s_errorCheckInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_probeInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_longestRefusal = TimeSpan.FromSeconds(60);

    private long _errorCheckAt;
    private long _probeAt;
    private long _refusedSince;
    private bool _isRefused; // over UDP, until messages are sent and not refused
    private bool _sentSinceCheck;
    private bool _lostSinceCheck;

    /// <summary>Over UDP, where they may be lost, the next message begins with the Templates.</summary>
    public void SendTemplatesAgain()
    {
        if (_transport is { IsReliable: false })
            _templatesDueAt = Now;
    }

    /// <summary>
    /// While another collector gets the records: connects, and sends what was begun. Over UDP Templates ask whether the
    /// collector is there again, as nothing else would; where it refuses they are sent anyway.
    /// </summary>
    public void StandBy()
    {
        if (Problem.Length > 0 && !_isRefused && Now >= _probeAt)
        {
            _probeAt = Later(s_probeInterval);
            SendTemplatesAgain();
        }
        Pump(_nothing, flush: true);
    }

    /// <summary>
    /// Once a second: what ICMP has said of the messages sent. A problem is forgotten when messages were sent and no
    /// record was lost for as long. False if the session has ended.
    /// </summary>
    private bool TryCheckForErrors()
    {
        if (Now < _errorCheckAt)
            return true;
        _errorCheckAt = Later(s_errorCheckInterval);
        if (_transport!.TakeError() == SocketError.ConnectionRefused)
            OnRefused();
        // Whoever comes to listen there is a new one, and knows none.
        if (_isRefused)
            SendTemplatesAgain();
        if (_sentSinceCheck && !_lostSinceCheck && !_isStalled && !_hasStalled)
        {
            Problem = "";
            _isRefused = false;
        }
        _sentSinceCheck = false;
        _lostSinceCheck = false;
        if (!_isRefused || Now - _refusedSince < Ticks(s_longestRefusal))
            return true;
        // The collector's name may have another address by now.
        _refusedSince = Now;
        EndTransport();
        _reconnection.OnFailed(Now);
        return false;
    }

    /// <summary>
    /// The message before did not arrive: nobody listens there. Until somebody does, records wait.
    /// </summary>
    private void OnRefused()
    {
        _lostSinceCheck = true;
        if (!_isRefused)
        {
            _refusedSince = Now;
            SendTemplatesAgain();
        }
        _isRefused = true;
        Problem = $"the collector {Collector} refuses: nothing listens on its port (trying again)";
        _underway.Count(_transport!.Delivered, Now);
        _underway.TakeBackLast();
    }
}
